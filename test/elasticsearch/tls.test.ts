import assert from "node:assert/strict";
import * as tls from "node:tls";

import { eventually, isOnPath } from "../../lab/tools/commands";
import { Authority, Identity } from "../support/elasticNode/authority";
import { ELASTIC } from "../support/elasticNode/fileRealm";
import { OTHER_HOST } from "../support/elasticNode/names";
import type { Running } from "../support/elasticNode/podProcess";
import { request } from "../support/elasticNode/request";
import { goTool } from "../support/goTool";
import { skip } from "../support/skip";
import {
    EXPORTER,
    FLUENT_BIT_STREAM,
    startCleaner,
    startExporter,
    startFluentBit,
    startJaeger,
} from "./clients";
import {
    asElastic,
    authorityInputs,
    ElasticWorld,
    elasticWorld,
    patience,
    runDrill,
    runSetup,
    serverNames,
    setUp,
} from "./world";

/** How long a client that goes on is given to say what is wrong. */
const SECONDS = 30;

interface Fault {
    readonly what: string;
    readonly identity: (world: ElasticWorld) => Promise<Identity>;
    /** What Node.js says of it, Go, and OpenSSL in Fluent Bit. */
    readonly node: RegExp;
    readonly go: RegExp;
}

const FAULTS: readonly Fault[] = [
    {
        what: "a certificate for another name",
        identity: (world) => world.authority.sign([OTHER_HOST]),
        node: /does not match certificate's altnames/,
        go: /x509: certificate is valid for elasticsearch\.other\.svc, not elasticsearch\.logging\.svc/,
    },
    {
        what: "a certificate that has expired",
        identity: (world) => world.authority.sign(serverNames(world.run), -1),
        node: /certificate has expired/,
        go: /x509: certificate has expired/,
    },
    {
        what: "a certificate of another stack's authority",
        identity: async (world) => {
            const other = await Authority.of(authorityInputs(world.run));
            return other.sign(serverNames(world.run));
        },
        node: /unable to verify the first certificate|unable to get local issuer certificate|certificate signature failure/,
        go: /x509: certificate signed by unknown authority/,
    },
];

describe("Elasticsearch: TLS", function () {
    this.timeout(180_000);
    let world: ElasticWorld;
    before(async function () {
        world = await elasticWorld(this);
        await setUp(world);
    });

    for (const host of [
        "elasticsearch",
        "elasticsearch.logging",
        "elasticsearch.logging.svc",
        "elasticsearch.logging.svc.cluster.local",
    ]) {
        it(`answers as ${host}, to who trusts the authority of the stack`, async () => {
            const { node, authority } = world;
            const caller = {
                port: node.port,
                authority: authority.certificate,
                user: ELASTIC,
                host,
            };
            assert.equal((await request(caller, { method: "GET", path: "/" })).status, 200);
        });
    }

    it("is refused by a client that calls it by another name", async () => {
        const { node, authority } = world;
        const host = OTHER_HOST;
        const caller = { port: node.port, authority: authority.certificate, user: ELASTIC, host };
        await assert.rejects(
            request(caller, { method: "GET", path: "/" }),
            /does not match certificate's altnames/,
        );
    });

    for (const fault of FAULTS) {
        describe(`with ${fault.what}`, () => {
            before(async () => {
                await present(world, await fault.identity(world));
            });
            after(async () => {
                if (world) {
                    await present(world, world.identity);
                }
            });

            it("is refused by the program of the setup Job", async () => {
                const { status, output } = await runSetup(world, { here: patience(2) });
                assert.equal(status, 1);
                assert.match(output, fault.node);
                assert.doesNotMatch(output, /: as expected$/m);
            });

            it("is refused by the program of the restore drill", async () => {
                const { status, output } = await runDrill(world, { here: patience(2) });
                assert.equal(status, 1);
                assert.match(output, fault.node);
            });

            for (const deployment of ["jaeger-collector", "jaeger-query"] as const) {
                it(`is refused by ${deployment}`, async function () {
                    const jaeger = await startJaeger(
                        world,
                        await goTool(this, "jaeger"),
                        deployment,
                    );
                    await says(jaeger, fault.go);
                });
            }

            it("is refused by Jaeger's index cleaner", async function () {
                const cleaner = startCleaner(world, await goTool(this, "es-index-cleaner"));
                const { status, output } = await cleaner.ended;
                assert.notEqual(status, 0);
                assert.match(output, fault.go);
            });

            it("is refused by the exporter", async function () {
                if (!isOnPath(EXPORTER)) {
                    skip(this, `no ${EXPORTER} on the PATH, which Debian has as a package`);
                }
                const exporter = await startExporter(world);
                const url = `http://127.0.0.1:${exporter.ports.get(9108)}/metrics`;
                await eventually(
                    "the exporter answers",
                    SECONDS,
                    async () => (await fetch(url)).ok,
                );
                const text = await (await fetch(url)).text();
                assert.match(text, /^elasticsearch_cluster_health_up 0$/m);
                await says(exporter, fault.go);
            });

            it("is refused by Fluent Bit", async function () {
                if (!isOnPath("fluent-bit")) {
                    skip(this, "no fluent-bit on the PATH");
                }
                const msg = `sent to ${fault.what}`;
                const document = { msg, namespace: "orders", cluster: "c", environment: "e" };
                const fluentBit = startFluentBit(world, document);
                await says(fluentBit, /certificate|TLS error|tls/i);
                await present(world, world.identity);
                const query = { query: { match_phrase: { msg } } };
                await asElastic(world, "POST", `/${FLUENT_BIT_STREAM}/_refresh`);
                const { text } = await asElastic(
                    world,
                    "POST",
                    `/${FLUENT_BIT_STREAM}/_count`,
                    query,
                );
                assert.equal((JSON.parse(text) as { count: number }).count, 0);
            });
        });
    }

    it("is taken again with its own certificate, without a restart", async () => {
        const { status, output } = await runSetup(world);
        assert.equal(status, 0, output);
    });
});

/** Lets the server show another certificate, and waits until it does. */
async function present({ node, authority }: ElasticWorld, identity: Identity): Promise<void> {
    // What clients trust stays what it was: the node itself does not look.
    node.setIdentity(identity, authority.certificate);
    await eventually("the server shows the certificate", SECONDS, async () => {
        const shown = await shownCertificate(node.port);
        const expected = identity.certificate.replace(/-----[^-]+-----|\s/g, "");
        return shown === expected ? true : undefined;
    });
}

/** DER in Base64. */
function shownCertificate(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
            resolve(socket.getPeerCertificate().raw.toString("base64"));
            socket.destroy();
        });
        socket.on("error", reject);
    });
}

/** Waits until a process has written something, and ends it. */
async function says(running: Running, what: RegExp): Promise<void> {
    try {
        await eventually(String(what), SECONDS, () =>
            Promise.resolve(what.test(running.output()) ? true : undefined),
        );
    } catch (error) {
        const output = running.output().slice(-3000);
        throw new Error(`${String(error)}\n${output}`, { cause: error });
    } finally {
        await running.stop();
    }
}
