import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as path from "node:path";
import { gzipSync } from "node:zlib";

import { goTool } from "../support/goTool";
import { fails, needs, Outcome, runScript, Scratch, succeeds } from "./programs";
import { Repository } from "./repository";

const API = "/apis/monitoring.coreos.com";
const TOKEN = "the-token-of-the-account";

type Objects = Record<string, unknown>;

const RULE = {
    metadata: {
        name: "redis",
        namespace: "shop",
        labels: { team: "shop" },
        resourceVersion: "17",
        uid: "0",
        managedFields: [{}],
    },
    spec: {
        groups: [
            {
                name: "redis",
                partial_response_strategy: "abort",
                rules: [{ alert: "A", expr: "up == 0" }],
            },
        ],
    },
};
const MONITOR = {
    metadata: { name: "redis", namespace: "shop" },
    spec: { selector: {}, endpoints: [{ port: "metrics" }] },
};
const CONFIGURATION = `global:
  scrape_interval: 30s
rule_files:
  - /etc/prometheus/rules/*.yaml
scrape_configs:
  - job_name: redis
    authorization:
      credentials_file: /etc/prometheus/secrets/token
`;

/** What the API server answers, by path. */
function answers(change: Objects = {}): Objects {
    const resource = (name: string, kind: string, verbs = ["get", "list"]) => ({
        name,
        kind,
        verbs,
    });
    return {
        [API]: {
            versions: [
                { groupVersion: "monitoring.coreos.com/v1" },
                { groupVersion: "monitoring.coreos.com/v1alpha1" },
            ],
        },
        [`${API}/v1`]: {
            resources: [
                resource("prometheusrules", "PrometheusRule"),
                resource("servicemonitors", "ServiceMonitor"),
                resource("servicemonitors/status", "ServiceMonitor"),
            ],
        },
        [`${API}/v1alpha1`]: { resources: [resource("scrapeconfigs", "ScrapeConfig")] },
        [`${API}/v1/prometheusrules`]: { metadata: {}, items: [RULE] },
        // Two pages.
        [`${API}/v1/servicemonitors`]: { metadata: { continue: "next page" }, items: [MONITOR] },
        [`${API}/v1/servicemonitors next page`]: {
            metadata: {},
            items: [{ ...MONITOR, metadata: { name: "web", namespace: "shop" } }],
        },
        [`${API}/v1alpha1/scrapeconfigs`]: { metadata: {}, items: [] },
        "/api/v1/namespaces/monitoring/secrets/generated": {
            data: { "prometheus.yaml.gz": gzipSync(CONFIGURATION).toString("base64") },
        },
        ...change,
    };
}

describe("Backup of the Prometheus Operator's resources", function () {
    this.timeout(120_000);
    let scratch: Scratch;
    let repository: Repository;
    const servers: http.Server[] = [];

    before(function () {
        needs(this, "restic", "jq");
    });
    beforeEach(() => {
        scratch = new Scratch();
        repository = Repository.inFolder(scratch);
    });
    afterEach(async () => {
        // A test may start more than one.
        await Promise.all(
            servers.splice(0).map((each) => new Promise((resolve) => each.close(resolve))),
        );
        scratch.remove();
    });

    /** Stands in for the API server; gives its URL. */
    function apiServer(objects: Objects): Promise<string> {
        const created = http.createServer(({ url = "", headers }, response) => {
            const { pathname, searchParams } = new URL(url, "http://localhost");
            const next = searchParams.get("continue");
            const object = objects[next ? `${pathname} ${next}` : pathname];
            const allowed = headers.authorization === `Bearer ${TOKEN}`;
            response.writeHead(allowed ? (object ? 200 : 403) : 401, { connection: "close" });
            response.end(JSON.stringify(object ?? { message: "forbidden" }));
        });
        servers.push(created);
        return new Promise((resolve) =>
            created.listen(0, "127.0.0.1", () => {
                resolve(`http://127.0.0.1:${(created.address() as net.AddressInfo).port}`);
            }),
        );
    }

    async function backup(objects: Objects, token = TOKEN): Promise<Outcome> {
        scratch.empty();
        fs.writeFileSync(path.join(scratch.folder, "token"), token);
        return runScript("export-prometheus.mjs", {
            ...repository.env,
            API_URL: await apiServer(objects),
            ACCOUNT: scratch.folder,
            GENERATED: "monitoring/generated/prometheus.yaml.gz",
        });
    }

    const read = (file: string) => fs.readFileSync(path.join(scratch.exported, file), "utf8");

    it("has each resource as kubectl takes it, of every version and page", async () => {
        await succeeds(backup(answers()));
        assert.deepEqual(JSON.parse(read("prometheusrules/shop_redis.json")), {
            apiVersion: "monitoring.coreos.com/v1",
            kind: "PrometheusRule",
            metadata: { name: "redis", namespace: "shop", labels: { team: "shop" } },
            spec: RULE.spec,
        });
        assert.equal(read("configuration/prometheus.yaml"), CONFIGURATION);
        assert.equal(
            read("MANIFEST"),
            "1 prometheusrules\n2 servicemonitors\n0 scrapeconfigs\n1 rule-files\n1 configuration\n",
        );
    });

    it("fails without a rule: a cluster that lost them must not look well", async () => {
        const none = { metadata: {}, items: [] };
        await fails(
            backup(answers({ [`${API}/v1/prometheusrules`]: none })),
            /not one PrometheusRule/,
        );
    });

    it("fails when the account may not read, and says what", async () => {
        const denied = answers({ [`${API}/v1/servicemonitors`]: undefined });
        await fails(backup(denied), /servicemonitors.*403/);
        await fails(backup(answers(), "another"), /401/);
    });

    it("fails without the generated configuration", async () => {
        const secret = "/api/v1/namespaces/monitoring/secrets/generated";
        await fails(backup(answers({ [secret]: {} })), /has no prometheus\.yaml\.gz/);
    });

    describe("in a drill", () => {
        let env: Record<string, string>;
        before(async function () {
            this.timeout(0);
            const promtool = await goTool(this, "promtool");
            env = { PATH: `${path.dirname(promtool)}:${process.env.PATH}` };
        });

        async function drill(change: () => void = () => undefined): Promise<Outcome> {
            await succeeds(backup(answers()));
            change();
            await succeeds(repository.store());
            return repository.drill("drill-prometheus.sh", env);
        }

        it("passes promtool's checks of rules and configuration", async () => {
            assert.match(await succeeds(drill()), /SUCCESS: 1 rules found[^]*SUCCESS/);
        });

        it("turns it red when a rule does not parse", () =>
            fails(
                drill(() => {
                    const file = path.join(scratch.exported, "rule-files/shop_redis.json");
                    fs.writeFileSync(
                        file,
                        read("rule-files/shop_redis.json").replace("==", "=="[0] ?? ""),
                    );
                }),
                /could not parse expression|FAILED/,
            ));

        it("turns it red when the configuration is cut off", () =>
            fails(
                drill(() => {
                    const file = path.join(scratch.exported, "configuration/prometheus.yaml");
                    fs.writeFileSync(file, "global:\n  scrape_int");
                }),
                /FAILED/,
            ));
    });
});
