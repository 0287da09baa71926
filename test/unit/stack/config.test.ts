import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { schema } from "../../../components/stack/config";
import { previewOf, stackRun, STACKS } from "../../../lab/program/runs";
import { PROJECT, readStackFile, ROOT } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";
import { changed, instances, refuses } from "../../support/refusalTable";

const KEYS = Object.keys(schema.shape);

describe("Configuration", () => {
    for (const stack of STACKS) {
        it(`takes Pulumi.${stack}.yaml as it is`, async () => {
            const { registrations } = await stackRun(stack);
            assert.ok(registrations.length > 50, `only ${registrations.length} resources`);
        });
    }

    it("declares in Pulumi.yaml every key that it reads, and no other", () => {
        const text = fs.readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8");
        const { config } = parse(text) as { config: Record<string, { description?: string }> };
        assert.deepEqual(Object.keys(config).sort(), KEYS.map((key) => `${PROJECT}:${key}`).sort());
        const undescribed = Object.keys(config).filter((key) => !config[key]?.description);
        assert.deepEqual(undescribed, []);
    });

    describe("keys", () => {
        refuses({
            "a key that does not exist, and names the nearest one": {
                change: { retentoin: { metrics: "30d" } },
                says: `retentoin: got an unknown key; did you mean "retention"? allowed: ${KEYS.join(", ")}`,
            },
            "a key that is near to none, without a guess": {
                change: { xylophone: true },
                says: `xylophone: got an unknown key; allowed: ${KEYS.join(", ")}`,
            },
            "an unknown key inside another one": {
                change: changed("prod", "retention", { metricz: "30d" }),
                says: `retention.metricz: got an unknown key; did you mean "metrics"? allowed: metrics, logs, traces, backups`,
            },
            "an unknown key of an instance, with the keys of its mode": {
                change: instances({ cache: { mode: "standalone", maxMemoryPercentOflimit: 50 } }),
                says: `redis.orders.instances.cache.maxMemoryPercentOflimit: got an unknown key; did you mean "maxMemoryPercentOfLimit"? allowed: mode, kind, config, version, memory, cpu, storageSize, adoptVolumes, maxMemoryPercentOfLimit, exporter, scrapeInterval, scrapeTimeout, tls, expose, users, passwordSecret, pods, spec, backup, alerts`,
            },
            "a key of another mode": {
                change: instances({ cache: { mode: "standalone", replicas: 3 } }),
                says: `redis.orders.instances.cache.replicas: got an unknown key; allowed: mode, kind, config, version, memory, cpu, storageSize, adoptVolumes, maxMemoryPercentOfLimit, exporter, scrapeInterval, scrapeTimeout, tls, expose, users, passwordSecret, pods, spec, backup, alerts`,
            },
            "a host of an endpoint that does not exist": {
                change: changed("prod", "ingress", { hosts: { grafna: "grafana.example.com" } }),
                says: `ingress.hosts.grafna: got an unknown key; did you mean "grafana"? allowed: grafana, prometheus, alertmanager, kibana, jaeger`,
            },
        });
    });

    describe("keys of others", () => {
        it("are theirs: of providers and of the engine", async () => {
            const { registrations } = await previewOf("prod", {
                "kubernetes:namespace": "x",
                "aws:region": "eu-west-1",
                "azure:environment": "public",
                "pulumi:disable-default-providers": ["*"],
            });
            assert.ok(registrations.length > 50);
        });

        for (const prefix of [
            ...["observabilty", "Observability", "obervability", "observability ", "obs"],
            ...["redis", "monitoring", "prod", "pulumi"],
        ]) {
            it(`are not ours with the prefix ${prefix}, or every SLO would be lost`, async () => {
                const message = await refusal({
                    stack: "prod",
                    settings: { ...readStackFile("prod"), [`${prefix}:slos`]: {} },
                });
                assert.ok(
                    message.includes(
                        `  observability:slos: got "${prefix}:slos", a key of another program; did you mean "observability:slos"? Keys of this program begin with observability:`,
                    ),
                    message,
                );
            });
        }
    });

    describe("values", () => {
        refuses({
            "a value of another type": {
                change: changed("prod", "prometheus", { replicas: "2" }),
                says: `prometheus.replicas: got "2"; allowed: a whole number from 1 to 5000`,
            },
            "a text where a map belongs": {
                change: { kibana: "two" },
                says: `kibana: got "two"; allowed: a map with replicas, memory, spec`,
            },
            "a list where a map by name belongs": {
                change: { redis: [{ name: "orders" }] },
                says: `redis: got [{"name":"orders"}]; allowed: a map keyed by name`,
            },
            "a mode that does not exist": {
                change: instances({ cache: { mode: "sentinal", replicas: 3 } }),
                says: `redis.orders.instances.cache.mode: got "sentinal"; did you mean "sentinel"? allowed: standalone, replication, sentinel, cluster`,
            },
            "a severity that no alert has": {
                change: changed("prod", "alerting", {
                    routes: { all: { severities: ["fatal"], receivers: ["pager"] } },
                }),
                says: `alerting.routes.all.severities.0: got "fatal"; allowed: critical, warning, info`,
            },
            "a runbook URL that is none": {
                change: changed("prod", "alerting", { runbookBaseUrl: "runbooks" }),
                says: `alerting.runbookBaseUrl: got "runbooks"; allowed: an http or https URL such as https://example.com/path: a host, no spaces, no user or password, nothing after ? or #; or ""`,
            },
            "a quantity that Kubernetes does not know": {
                change: changed("prod", "grafana", { storageSize: "10GB" }),
                says: `grafana.storageSize: got "10GB"; allowed: a Kubernetes quantity of whole bytes such as 256Mi or 10Gi, at most 1Pi`,
            },
            "a volume of nothing": {
                change: changed("prod", "grafana", { storageSize: "0Gi" }),
                says: `grafana.storageSize: got "0Gi"; allowed: 128Mi or more: a file system and what is always there leave too little of less`,
            },
            "a duration without a unit": {
                change: changed("prod", "retention", { logs: "30" }),
                says: `retention.logs: got "30"; allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d, at most 36500d`,
            },
            "an environment that cannot be a label": {
                change: { environment: "Prod EU" },
                says: `environment: got "Prod EU"; allowed: 1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'`,
            },
            "a namespace that Kubernetes would refuse": {
                change: instances({}, "Orders"),
                says: `redis.Orders: got "Orders"; allowed: 1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'`,
            },
            "a percentage above 100": {
                change: instances({ cache: { mode: "standalone", maxMemoryPercentOfLimit: 101 } }),
                says: `redis.orders.instances.cache.maxMemoryPercentOfLimit: got 101; allowed: a whole number from 1 to 95`,
            },
        });

        it("refuses a key that must be there and is not", async () => {
            const { kibana, ...settings } = readStackFile("prod");
            assert.ok(kibana);
            const message = await refusal({ stack: "prod", settings });
            assert.match(
                message,
                /^ {2}observability:kibana: got \{\}; allowed: a map with replicas, memory, spec$/m,
            );
        });
    });

    it("lists every problem of a stack file at once, those between keys too", async () => {
        const settings = {
            ...readStackFile("prod"),
            ...changed("prod", "jaeger", {
                collector: { minReplicas: 9, maxReplicas: 5, memory: "1Gi" },
            }),
            ...changed("prod", "elasticsearch", { nodes: 2, storageSize: "500Gi" }),
            colour: "blue",
        };
        const message = await refusal({ stack: "prod", settings });
        assert.match(message, /has 3 problems \(all are listed\); nothing was registered\.\n/);
        assert.match(message, /^ {2}observability:colour: got an unknown key; /m);
        assert.match(message, /^ {2}observability:elasticsearch\.nodes: got 2; /m);
        assert.match(message, /^ {2}observability:jaeger\.collector\.minReplicas: got 9; /m);
    });

    it("shows at most the beginning of a long value", async () => {
        const settings = { ...readStackFile("prod"), environment: "x".repeat(500) };
        const message = await refusal({ stack: "prod", settings });
        assert.match(message, /environment: got "x{50,60}\.\.\.; allowed/);
    });
});
