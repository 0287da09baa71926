import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { freePorts } from "../../lab/cluster/ports";
import { find, listAt, textAt, valueAt } from "../../lab/program/objects";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { eventually, start } from "../../lab/tools/commands";
import { PrivateAuthority, privateAuthority } from "../support/authority";
import { goTool } from "../support/goTool";
import { OidcProvider, startOidcProvider } from "../support/oidcProvider";

const PAGES = ["prometheus", "alertmanager", "jaeger"] as const;
const CLIENT = { id: "pages", secret: "the-clients-secret" };
/** Which only a cluster knows: 32 bytes. */
const COOKIE_SECRET = "0123456789abcdef0123456789abcdef";
const SRE = { email: "ana@example.com", groups: ["people", "sre"] };
const SALES = { email: "bob@example.com", groups: ["people", "sales"] };

const hostOf = (page: string) => `${page}.example.com`;

/** What a browser gets. */
interface Answer {
    readonly status: number;
    readonly location: string;
    readonly cookies: string;
    readonly body: string;
}

describe("The login before a page, by the real oauth2-proxy", function () {
    this.timeout(30_000);
    let authority: PrivateAuthority;
    let provider: OidcProvider;
    let run: ProgramRun;
    let binary: string;
    before(async function () {
        // It may have to be built.
        this.timeout(0);
        binary = await goTool(this, "oauth2-proxy");
        authority = await privateAuthority("company");
        provider = await startOidcProvider(authority, {
            ...CLIENT,
            redirectUris: PAGES.map((page) => `http://${hostOf(page)}/oauth2/callback`),
        });
        run = await previewOf("prod", {
            ingress: {
                enabled: true,
                className: "nginx",
                controllerNamespace: "ingress-nginx",
                hosts: Object.fromEntries(PAGES.map((page) => [page, hostOf(page)])),
                login: {
                    issuerUrl: provider.issuer,
                    clientId: CLIENT.id,
                    clientSecret: { name: "page-login", key: "client-secret" },
                    groups: ["sre", "developers"],
                    ca: authority.ca,
                },
            },
        });
    });
    after(() => provider?.close());

    for (const page of PAGES) {
        describe(`before ${page}`, () => {
            let proxy: Proxy;
            before(async () => {
                proxy = await startProxy(page, { run, binary, authority });
            });
            after(() => proxy?.stop());

            it("is ready and alive where its probes ask", async () => {
                const { manifest } = find(run, "Deployment", `login-${page}`);
                const [container] = listAt(manifest, "spec", "template", "spec", "containers");
                for (const probe of ["readinessProbe", "livenessProbe"]) {
                    const at = textAt(container, probe, "httpGet", "path");
                    assert.equal((await proxy.get(at)).status, 200, at);
                }
            });

            it("sends whoever is not signed in to the provider, and the page sees nothing of it", async () => {
                const answer = await proxy.get("/graph?q=up");
                assert.equal(answer.status, 302);
                const to = new URL(answer.location);
                assert.equal(to.origin, provider.issuer);
                assert.equal(
                    to.searchParams.get("redirect_uri"),
                    `http://${hostOf(page)}/oauth2/callback`,
                );
                assert.equal(to.searchParams.get("code_challenge_method"), "S256");
                assert.deepEqual(proxy.seen, []);
            });

            it("lets in whoever is in a group that may, to the page that they asked for", async () => {
                provider.signIn(SRE);
                const back = await signIn(proxy, authority, "/graph?q=up");
                assert.equal(back.status, 302, back.body);
                assert.equal(back.location, "/graph?q=up");
                const shown = await proxy.get(back.location, back.cookies);
                assert.equal(shown.status, 200);
                assert.equal(shown.body, `the page of ${page}`);
                assert.deepEqual(proxy.seen, ["/graph?q=up"]);
            });

            it("refuses whoever is in none of them, and the page sees nothing of it", async () => {
                proxy.seen.length = 0;
                provider.signIn(SALES);
                const back = await signIn(proxy, authority, "/");
                assert.equal(back.status, 403, back.body);
                const again = await proxy.get("/", back.cookies);
                assert.notEqual(again.status, 200);
                assert.deepEqual(proxy.seen, []);
            });

            it("takes no cookie that it did not make", async () => {
                const forged = await proxy.get("/", `_observability_${page}=aGVsbG8=|1|forged`);
                assert.equal(forged.status, 302);
                assert.deepEqual(proxy.seen, []);
            });
        });
    }
});

/** From the page over the provider back to the proxy, as a browser goes. */
async function signIn(proxy: Proxy, authority: PrivateAuthority, page: string): Promise<Answer> {
    const asked = await proxy.get(page);
    const { location } = await request(asked.location, {}, authority.ca);
    const { pathname, search } = new URL(location);
    return proxy.get(`${pathname}${search}`, asked.cookies);
}

interface Proxy {
    /** Paths that reached the page. */
    readonly seen: string[];
    get(path: string, cookies?: string): Promise<Answer>;
    stop(): Promise<void>;
}

/**
 * The container of the page's Deployment as a process: its port and the page's address are of this machine, what Secrets
 * hold is the test's, and everything else is as it is rendered.
 */
async function startProxy(
    page: string,
    { run, binary, authority }: { run: ProgramRun; binary: string; authority: PrivateAuthority },
): Promise<Proxy> {
    const seen: string[] = [];
    const upstream = http.createServer(({ url = "" }, response) => {
        seen.push(url);
        response.end(`the page of ${page}`);
    });
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    const [port = 0] = await freePorts(1);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "login-"));
    fs.writeFileSync(path.join(folder, "ca.crt"), authority.ca);
    const { manifest } = find(run, "Deployment", `login-${page}`);
    const [container] = listAt(manifest, "spec", "template", "spec", "containers");
    const here: Readonly<Record<string, string>> = {
        OAUTH2_PROXY_HTTP_ADDRESS: `127.0.0.1:${port}`,
        OAUTH2_PROXY_UPSTREAMS: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
        OAUTH2_PROXY_CLIENT_SECRET: CLIENT.secret,
        OAUTH2_PROXY_COOKIE_SECRET: COOKIE_SECRET,
        OAUTH2_PROXY_PROVIDER_CA_FILES: path.join(folder, "ca.crt"),
    };
    const variables = listAt(container, "env").map((each): [string, string] => {
        const name = textAt(each, "name");
        return [name, here[name] ?? textAt(each, "value")];
    });
    assert.equal(valueAt(container, "args"), undefined, "its settings are variables");
    const stop = start(binary, [], { PATH: process.env.PATH, ...Object.fromEntries(variables) });
    const get = (at: string, cookies = "") =>
        request(`http://127.0.0.1:${port}${at}`, { host: hostOf(page), cookie: cookies });
    await eventually("oauth2-proxy answers", 20, async () =>
        (await get("/ping")).status === 200 ? true : undefined,
    );
    return {
        seen,
        get,
        stop: async () => {
            await stop();
            upstream.closeAllConnections();
            await new Promise((resolve) => upstream.close(resolve));
            fs.rmSync(folder, { recursive: true });
        },
    };
}

/** One request, whose redirect is not followed. */
async function request(
    url: string,
    headers: Readonly<Record<string, string>>,
    ca?: string,
): Promise<Answer> {
    const { request: send } = url.startsWith("https:") ? await import("node:https") : http;
    return new Promise((resolve, reject) => {
        const sent = send(url, { headers, ...(ca ? { ca } : {}) }, (response) => {
            let body = "";
            response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
            response.on("end", () =>
                resolve({
                    status: response.statusCode ?? 0,
                    location: response.headers.location ?? "",
                    cookies: (response.headers["set-cookie"] ?? [])
                        .map((cookie) => cookie.split(";")[0])
                        .join("; "),
                    body,
                }),
            );
        });
        sent.on("error", reject);
        sent.end();
    });
}
