import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { parseExposition } from "../../commands/catalogue/exposition";
import { exposerMetrics, seriesOf } from "../../components/metrics/catalogue/catalogue";
import { applyCrds } from "../../lab/cluster/crdKinds";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { flaggerCrds } from "../../lab/cluster/crdFiles";
import type { KubeClient } from "../../lab/cluster/kubeClient";
import { ruleFiles, startPrometheusOperator } from "../../lab/cluster/operators";
import { freePorts } from "../../lab/cluster/ports";
import { textAt, valueAt } from "../../lab/program/objects";
import { tools } from "../../lab/tools/goTools";
import { skipUnlessBuilt } from "../support/goTool";
import { GeneratedConfig, prompt, queryPrometheus, RuleFile, startPrometheus } from "./prometheus";
import { standFor } from "./processPod";
import { Sample, serveStateMetrics } from "./stateMetrics";
import { CaseStacks } from "./world";

const NAMESPACE = "flagger-system";
const CANARY = ["flagger.app/v1beta1", "Canary", "shop"] as const;
const DEPLOYMENT = ["apps/v1", "Deployment", "shop"] as const;
/** Both get a new version at once, since Flagger takes ten seconds for each step: of the first a good one. */
const APPLICATIONS = ["good", "bad"] as const;
type Application = (typeof APPLICATIONS)[number];
const JOB = "podMonitor/monitoring/flagger/0";

/** Applications that promise something of their requests. */
const application = {
    port: 9090,
    canary: true,
    slo: {
        availability: { objective: 99, window: "14d" },
        latency: { objective: 99, window: "14d", within: 0.5 },
    },
};
const SETTINGS = {
    applications: { shop: { good: application, bad: application } },
    delivery: { flagger: { namespace: NAMESPACE } },
    mesh: { istio: {} },
};

/** What only later versions than the module's have. */
const LATER = ["flagger_canary_failures_total", "flagger_canary_successes_total"];

/** What the pods of both would expose, of which those with a broken image answer every second request with 500. */
function requests(began: number) {
    return async (client: KubeClient): Promise<Sample[]> => {
        const pods = await client.list("v1", "Pod", "shop");
        const count = Math.round((Date.now() - began) / 10);
        return pods.flatMap(({ metadata: { name }, spec }) => {
            const bad = textAt(spec, "containers", "0", "image").endsWith(":broken");
            const labels = { namespace: "shop", pod: name };
            const counted = (code: string, value: number): Sample => ({
                name: "http_requests_total",
                labels: { ...labels, code },
                value,
            });
            const took = (le: string): Sample => ({
                name: "http_request_duration_seconds_bucket",
                labels: { ...labels, le },
                value: count,
            });
            return [
                counted("200", bad ? count / 2 : count),
                counted("500", bad ? count / 2 : 0),
                ...[took("0.5"), took("+Inf")],
                { name: "http_request_duration_seconds_count", labels, value: count },
            ];
        });
    };
}

describe("Cluster: Flagger decides by our templates, and is watched by our monitor and alerts", function () {
    this.timeout(120_000);
    let plane: ControlPlane;
    let prometheus: string;
    let metrics: string;
    let stopRequests: (() => Promise<void>) | undefined;

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        skipUnlessBuilt(this, "flagger");
        await tools("flagger", "prometheus");
        plane = await ControlPlane.start();
        for (const name of ["shop", NAMESPACE]) {
            const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
            await plane.client.apply(namespace, "test");
        }
        await applyCrds(plane, await flaggerCrds(), "flagger");
        const [up] = await new CaseStacks(plane, "staging").up({ change: SETTINGS });
        assert.deepEqual(up?.stack.refused, []);
        const [port = 0] = await freePorts(1);
        metrics = `http://127.0.0.1:${port}/metrics`;
        const labels = { "app.kubernetes.io/name": "flagger" };
        const ports = [{ name: "http", containerPort: port }];
        await standFor(plane, { namespace: NAMESPACE, name: "flagger-0", labels, ports });
        await startPrometheusOperator(plane);
        prometheus = await startMeasuring();
        const { flagger } = await tools("flagger");
        plane.processes.start("flagger", flagger, [
            ...[
                `-kubeconfig=${plane.kubeconfig}`,
                `-port=${port}`,
                `-metrics-server=${prometheus}`,
            ],
            // Without a mesh it changes versions at once, after the same analysis.
            ...["-mesh-provider=kubernetes", "-control-loop-interval=1s", "-log-level=info"],
        ]);
        await askHere();
        for (const name of APPLICATIONS) {
            await deploy(name, "1");
            await plane.client.apply(canary(name), "team");
        }
        for (const name of APPLICATIONS) {
            await phase(name, "Initialized");
        }
        await deploy("good", "2");
        await deploy("bad", "broken");
    });
    after(async () => {
        await stopRequests?.();
        await plane?.stop();
    });

    /** The operator's job of Flagger each second, the application's requests, and our rules, whose alerts wait 5 s. */
    async function startMeasuring(): Promise<string> {
        const generated = await plane.eventually("Flagger's monitor has its job", 60, async () => {
            const read = await GeneratedConfig.read(plane);
            return read.jobs.includes(JOB) ? read : undefined;
        });
        const served = await serveStateMetrics(plane.client, requests(Date.now()));
        stopRequests = served.stop;
        const groups = [...(await ruleFiles(plane)).values()]
            .flatMap((text) => (parse(text) as RuleFile).groups)
            .filter(({ name }) => name === "flagger");
        assert.equal(groups.length, 1);
        const folder = path.join(plane.processes.folder, "flagger");
        fs.mkdirSync(folder);
        fs.writeFileSync(path.join(folder, "rules.json"), JSON.stringify(prompt({ groups }, 5)));
        const often = { scrape_interval: "1s", scrape_timeout: "1s" };
        return startPrometheus(plane, folder, {
            global: { ...often, evaluation_interval: "1s" },
            rule_files: ["rules.json"],
            scrape_configs: [
                { ...generated.job(JOB), ...often },
                {
                    job_name: "applications",
                    honor_labels: true,
                    static_configs: [{ targets: [served.target] }],
                },
            ],
        });
    }

    /** Prometheus has another address on this machine; the queries stay as the program made them. */
    async function askHere(): Promise<void> {
        const templates = await plane.client.list("flagger.app/v1beta1", "MetricTemplate");
        assert.deepEqual(templates.map(({ metadata }) => metadata.name).sort(), [
            "shop.bad-availability",
            "shop.bad-latency",
            "shop.good-availability",
            "shop.good-latency",
        ]);
        for (const template of templates) {
            await plane.client.patch(template, { spec: { provider: { address: prometheus } } });
        }
    }

    async function deploy(name: Application, version: string): Promise<void> {
        const labels = { app: name };
        await plane.client.apply(
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { namespace: "shop", name },
                spec: {
                    selector: { matchLabels: labels },
                    template: {
                        metadata: { labels },
                        spec: {
                            containers: [{ name: "app", image: `example.org/app:${version}` }],
                        },
                    },
                },
            },
            "team",
        );
    }

    function canary(name: Application): object {
        const metric = (objective: string) => ({
            name: objective,
            templateRef: { name: `shop.${name}-${objective}`, namespace: NAMESPACE },
            thresholdRange: { min: 99 },
            interval: "5s",
        });
        return {
            apiVersion: "flagger.app/v1beta1",
            kind: "Canary",
            metadata: { namespace: "shop", name },
            spec: {
                targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
                progressDeadlineSeconds: 60,
                service: { port: 9090 },
                analysis: {
                    ...{ interval: "10s", threshold: 2, iterations: 1 },
                    metrics: [metric("availability"), metric("latency")],
                },
            },
        };
    }

    async function phase(name: Application, wanted: string): Promise<void> {
        await plane.eventually(`the canary ${name} is ${wanted}`, 110, async () => {
            const { status } = await plane.client.get(...CANARY, name);
            assert.equal(valueAt(status, "phase"), wanted, JSON.stringify(status));
            return true;
        });
    }

    const serving = async (name: Application): Promise<string> => {
        const { spec } = await plane.client.get(...DEPLOYMENT, `${name}-primary`);
        return textAt(spec, "template", "spec", "containers", "0", "image");
    };

    const query = (text: string) => queryPrometheus(prometheus, text);
    const analysed = async (name: Application, metric: string): Promise<number> => {
        const [found] = await query(
            `flagger_canary_metric_analysis{name="${name}", metric="${metric}"}`,
        );
        return found?.value ?? -1;
    };
    const failed = async (): Promise<string[]> =>
        (await query('ALERTS{alertname="FlaggerCanaryFailed", alertstate="firing"}')).map(
            ({ metric: { namespace, name } }) => `${namespace}/${name}`,
        );

    it("promotes a version that does what the objectives ask for", async () => {
        await phase("good", "Succeeded");
        assert.equal(await serving("good"), "example.org/app:2");
        assert.equal(await analysed("good", "availability"), 100);
        assert.equal(await analysed("good", "latency"), 100);
    });

    it("takes one back that answers with errors, and the alert tells of it", async () => {
        await phase("bad", "Failed");
        assert.equal(await serving("bad"), "example.org/app:1");
        const share = await analysed("bad", "availability");
        assert.ok(share > 45 && share < 55, `${share} % of the bad version's requests are good`);
        await plane.eventually("the alert fires", 30, async () => {
            assert.deepEqual(await failed(), ["shop/bad"]);
            return true;
        });
        const [series] = await query('flagger_canary_status{name="bad"}');
        const { job, pod, namespace, environment } = series?.metric ?? {};
        assert.deepEqual(
            [job, pod, namespace, environment],
            ["flagger", "flagger-0", "shop", "staging"],
        );
    });

    it("ends the alert when another version is analysed", async () => {
        await deploy("bad", "3");
        await phase("bad", "Progressing");
        await plane.eventually("the alert ends", 20, async () => {
            assert.deepEqual(await failed(), []);
            return true;
        });
    });

    it("exposes everything that the catalogue says of Flagger, with its labels", async () => {
        const real = new Map<string, string>();
        const text = await (await fetch(metrics)).text();
        for (const { name, labels } of parseExposition(text).samples) {
            real.set(name, Object.keys(labels).sort().join(", "));
        }
        const differences = Object.entries(exposerMetrics("flagger").metrics)
            .filter(([family]) => !LATER.includes(family))
            .flatMap(([family, metric]) => [...seriesOf(family, metric)])
            .flatMap(([name, labels]) => {
                const said = [...labels].sort().join(", ");
                return real.get(name) === said
                    ? []
                    : [`${name} has {${real.get(name)}}, and not {${said}}`];
            });
        assert.deepEqual(differences, []);
    });
});
