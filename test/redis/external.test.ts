import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { externalVariables, redisExternal } from "../../components/redis/redisExternal";
import { aclFile, EXPORTER_USER, usersOf } from "../../components/redis/redisUsers";
import { eventually } from "../../lab/tools/commands";
import { needs, Scratch, Variables } from "../backup/programs";
import { freePort, PASSWORD, Servers } from "../backup/servers";
import { TlsFolder, tlsRedis } from "./tlsServers";

/** A password of the exporter's user. */
const OWN = "the-password-of-the-exporter";

describe("A Redis outside of the operator with the real exporter", function () {
    this.timeout(60_000);
    let scratch: Scratch;
    let servers: Servers;
    before(function () {
        needs(this, "redis-server", "redis-cli", "prometheus-redis-exporter");
        scratch = new Scratch();
        servers = new Servers(scratch);
    });
    after(async () => {
        await servers?.stop();
        scratch?.remove();
    });

    /** What the exporter's pod answers; `secrets` are the keys of its Secret, `files` where its volumes are here. */
    async function exported(
        settings: object,
        secrets: Variables,
        files: Readonly<Record<string, string>> = {},
    ): Promise<string> {
        const port = await freePort();
        const all = externalVariables(redisExternal.parse(settings)) as {
            readonly name: string;
            readonly value?: string;
            readonly valueFrom?: { readonly secretKeyRef: { readonly key: string } };
        }[];
        const variables = all.flatMap(({ name, value, valueFrom }): [string, string][] => {
            const text = valueFrom ? secrets[valueFrom.secretKeyRef.key] : value;
            // Of a key that may be missing, the pod has no variable.
            return text === undefined ? [] : [[name, files[text] ?? text]];
        });
        servers.start("prometheus-redis-exporter", [], {
            ...Object.fromEntries(variables),
            REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
        });
        const health = await eventually("the exporter's health", 20, () =>
            fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined),
        );
        assert.equal(health.status, 200);
        return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    }

    it("is up with a password alone, and tells the length of a key", async () => {
        const redis = await servers.redis();
        await redis.ask("RPUSH", "jobs", "a", "b");
        const text = await exported(
            {
                address: redis.member,
                secret: "given",
                exporter: { checkSingleKeys: { jobs: {} } },
            },
            { password: PASSWORD },
        );
        assert.match(text, /^redis_up 1$/m);
        assert.match(text, /^redis_key_size{db="db0",key="jobs"} 2$/m);
        assert.match(text, /^redis_instance_info{.*role="master"/m);
    });

    it("is up over TLS by its own authority, as a user that may only look", async () => {
        const secret = await TlsFolder.of(scratch, "standalone");
        const acl = path.join(scratch.folder, "external.acl");
        const users = usersOf({
            users: {
                shop: { access: "write", keys: ["*"], channels: [], commands: [], namespaces: [] },
            },
        });
        fs.writeFileSync(acl, aclFile(PASSWORD, users, { [EXPORTER_USER]: OWN, shop: OWN }));
        const redis = await tlsRedis(servers, scratch, secret, [`aclfile ${acl}`]);
        const text = await exported(
            // The certificate has this name, and no address.
            {
                address: `localhost:${redis.port}`,
                secret: "given",
                tls: {},
                ca: fs.readFileSync(secret.file("ca.crt"), "utf8"),
            },
            { username: EXPORTER_USER, password: OWN },
            { "/trust/ca.crt": secret.file("ca.crt") },
        );
        assert.match(text, /^redis_up 1$/m);
    });

    it("is down where its certificate is of another authority, or has another name", async () => {
        const secret = await TlsFolder.of(scratch, "standalone");
        const other = await TlsFolder.of(scratch, "standalone");
        const redis = await tlsRedis(servers, scratch, secret);
        for (const [address, trusted] of [
            [`localhost:${redis.port}`, other],
            [redis.member, secret],
        ] as const) {
            const text = await exported(
                {
                    address,
                    secret: "given",
                    tls: {},
                    ca: fs.readFileSync(trusted.file("ca.crt"), "utf8"),
                },
                { password: PASSWORD },
                { "/trust/ca.crt": trusted.file("ca.crt") },
            );
            assert.match(text, /^redis_up 0$/m);
        }
    });

    it("is down when nothing listens, while the exporter itself answers", async () => {
        const text = await exported({ address: "127.0.0.1:1" }, {});
        assert.match(text, /^redis_up 0$/m);
    });
});
