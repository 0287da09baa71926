import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { MAKE_TRUST_STORE, trustStoreOptions } from "../../components/logging/trustStore";
import { eventually } from "../../lab/tools/commands";
import { PrivateAuthority, privateAuthority, tlsServer } from "../support/authority";
import { goTool } from "../support/goTool";
import { execute, fails, needs, Scratch, succeeds } from "./programs";
import { Repository } from "./repository";
import { freePort, Servers } from "./servers";

/** Stores with a company's own authority, which no public one knows. */
describe("A store with a private authority", function () {
    this.timeout(180_000);
    let scratch: Scratch;
    let authority: PrivateAuthority;

    before(async () => {
        authority = await privateAuthority("Example Company");
    });
    beforeEach(() => {
        scratch = new Scratch();
    });
    afterEach(() => scratch.remove());

    it("takes backups from those that trust it, and from nobody else", async function () {
        this.timeout(0);
        needs(this, "restic", "jq");
        const servers = new Servers(scratch);
        const file = (name: string, text: string): string => {
            const at = path.join(scratch.folder, name);
            fs.writeFileSync(at, text);
            return at;
        };
        const folders = ["buckets", "attributes"].map((each) => path.join(scratch.folder, each));
        folders.forEach((each) => fs.mkdirSync(each));
        const [buckets = "", attributes = ""] = folders;
        const port = await freePort();
        const credentials = { access: "access-key", secret: "secret-access-key" };
        try {
            servers.start(
                await goTool(this, "versitygw"),
                [
                    ...["--port", `127.0.0.1:${port}`],
                    ...["--cert", file("server.crt", authority.cert)],
                    ...["--key", file("server.key", authority.key)],
                    ...["posix", "--sidecar", attributes, buckets],
                ],
                { ROOT_ACCESS_KEY: credentials.access, ROOT_SECRET_KEY: credentials.secret },
            );
            const ca = file("ca.crt", authority.ca);
            await eventually("the S3 server", 30, async () => {
                const url = `https://127.0.0.1:${port}/`;
                const { status } = await execute("curl", ["-sS", "--cacert", ca, url], {});
                return status === 0 || undefined;
            });
            const variables = {
                RESTIC_REPOSITORY: `s3:https://127.0.0.1:${port}/backups/prod`,
                RESTIC_PASSWORD: "the-generated-key",
                AWS_ACCESS_KEY_ID: credentials.access,
                AWS_SECRET_ACCESS_KEY: credentials.secret,
                AWS_DEFAULT_REGION: "us-east-1",
            };
            fs.mkdirSync(scratch.exported);
            fs.writeFileSync(path.join(scratch.exported, "MANIFEST"), "1 shard-0.rdb\n");
            const trusting = new Repository(scratch, { ...variables, SSL_CERT_FILE: ca });
            await succeeds(trusting.store());
            await succeeds(trusting.fetch());
            assert.equal(
                fs.readFileSync(path.join(scratch.restored, "MANIFEST"), "utf8"),
                "1 shard-0.rdb\n",
            );
            const others = new Repository(scratch, variables);
            await fails(
                execute("restic", ["cat", "config", "--no-lock"], {
                    ...others.env,
                    // It tries for 15 minutes.
                    ...{ RESTIC_CACHE_DIR: path.join(scratch.folder, "other") },
                }),
                /x509: certificate signed by unknown authority/,
            );
        } finally {
            await servers.stop();
        }
    });

    it("is trusted by Java beside the public authorities, each certificate of the bundle", async function () {
        needs(this, "java", "keytool");
        const second = await privateAuthority("Another Company");
        const certificates = path.join(scratch.folder, "certificates");
        fs.mkdirSync(certificates);
        [authority, second].forEach(({ ca }, at) =>
            fs.writeFileSync(path.join(certificates, `ca-${at}.crt`), ca),
        );
        const store = path.join(scratch.folder, "store.p12");
        const cacerts = await publicAuthorities();
        const make = () =>
            execute("sh", ["-c", MAKE_TRUST_STORE], {
                KEYTOOL: "keytool",
                CACERTS: cacerts,
                CERTIFICATES: certificates,
                STORE: store,
            });
        await succeeds(make());
        // A container that is started again finds what the first one left.
        await succeeds(make());
        const program = path.join(scratch.folder, "Call.java");
        fs.writeFileSync(program, CALL);
        for (const each of [authority, second]) {
            const server = await tlsServer(each, (_, response) => response.end("ok"));
            try {
                const call = (...options: string[]) =>
                    execute("java", [...options, program, server.url], {});
                assert.match(await succeeds(call(...trustStoreOptions(store).split(" "))), /200/);
                await fails(call(), /unable to find valid certification path/);
            } finally {
                await server.close();
            }
        }
        const count = async (at: string) =>
            (
                await succeeds(
                    execute("keytool", ["-list", "-keystore", at, "-storepass", "changeit"], {}),
                )
            ).match(/trustedCertEntry/g)?.length ?? 0;
        assert.equal(await count(store), (await count(cacerts)) + 2);
    });
});

/** As Elasticsearch's client does: Java's own TLS. */
const CALL = `
public class Call {
    public static void main(String[] args) throws Exception {
        var connection = (javax.net.ssl.HttpsURLConnection) new java.net.URL(args[0]).openConnection();
        System.out.println(connection.getResponseCode());
    }
}
`;

/** The file with what the Java on the PATH trusts. */
async function publicAuthorities(): Promise<string> {
    const settings = await succeeds(execute("java", ["-XshowSettings:properties", "-version"], {}));
    const home = /java\.home = (.*)/.exec(settings)?.[1] ?? "";
    return path.join(home, "lib/security/cacerts");
}
