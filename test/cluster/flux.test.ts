import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { parseExposition } from "../../commands/catalogue/exposition";
import { exposerMetrics, seriesOf } from "../../components/metrics/catalogue/catalogue";
import { fluxResourceState } from "../../components/metrics/fluxResourceState";
import { resourceStateValues } from "../../components/metrics/resourceState";
import { applyCrds } from "../../lab/cluster/crdKinds";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import { fluxCrds } from "../../lab/cluster/crdFiles";
import { ruleFiles, startPrometheusOperator } from "../../lab/cluster/operators";
import { freePorts } from "../../lab/cluster/ports";
import { listAt, textAt, valueAt } from "../../lab/program/objects";
import { tools } from "../../lab/tools/goTools";
import { skipUnlessBuilt } from "../support/goTool";
import { Bucket } from "./bucket";
import { GeneratedConfig, prompt, queryPrometheus, RuleFile, startPrometheus } from "./prometheus";
import { standFor } from "./processPod";
import { customResources, serveStateMetrics } from "./stateMetrics";
import { CaseStacks } from "./world";

/** Those of both that this stack's monitors are asked to have. */
const CONTROLLERS = ["source-controller", "kustomize-controller"] as const;
type Controller = (typeof CONTROLLERS)[number];

/** An hour by default, of which a test has none. */
const WITHIN = "15s";
const SETTINGS = {
    delivery: { flux: { controllers: [...CONTROLLERS], reconcileWithin: WITHIN } },
};

const NAMESPACE = "flux-system";
const SOURCE = "source.toolkit.fluxcd.io/v1";
const KUSTOMIZE = "kustomize.toolkit.fluxcd.io/v1";
/** Where the controllers listen, beside their metrics. */
type Ports = Readonly<Record<"metrics" | "health" | "storage", number>>;

/** What no series shows here, and why. */
const UNSEEN: Readonly<Record<string, string>> = {
    gotk_cache_events_total: "only with --helm-cache-max-size, and once a chart is fetched",
};

const config = (version: string): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "delivered", namespace: "default" },
        data: { version },
    });

describe("Cluster: Flux' controllers deliver, and are watched by our monitors and alerts", function () {
    this.timeout(120_000);
    let plane: ControlPlane;
    let bucket: Bucket;
    let prometheus: string;
    let stopState: (() => Promise<void>) | undefined;
    const addresses = new Map<Controller, string>();

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        skipUnlessBuilt(this, ...CONTROLLERS);
        await tools(...CONTROLLERS, "versitygw", "prometheus");
        // Nobody looks at pods: the controllers are processes, and pods with their addresses stand for them.
        plane = await ControlPlane.start({}, { simulatedNodes: false });
        await plane.client.apply(
            { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
            "test",
        );
        await applyCrds(plane, await fluxCrds(), "flux");
        await new CaseStacks(plane, "staging").up({ change: SETTINGS });
        bucket = await Bucket.start(plane.processes, "apps");
        await bucket.put("delivered.yaml", config("1"));
        await startControllers();
        await declare();
        await startPrometheusOperator(plane);
        prometheus = await startMeasuring();
    });
    after(async () => {
        await stopState?.();
        await plane?.stop();
    });

    async function startControllers(): Promise<void> {
        const paths = await tools(...CONTROLLERS);
        for (const controller of CONTROLLERS) {
            const [metrics = 0, health = 0, storage = 0] = await freePorts(3);
            start(controller, paths[controller], { metrics, health, storage });
            addresses.set(controller, `127.0.0.1:${metrics}`);
            await standFor(plane, {
                ...{ namespace: NAMESPACE, name: `${controller}-0`, labels: { app: controller } },
                ports: [{ name: "http-prom", containerPort: metrics }],
            });
        }
    }

    function start(controller: Controller, program: string, ports: Ports): void {
        const at = (port: number) => `127.0.0.1:${port}`;
        const folder = path.join(plane.processes.folder, controller);
        fs.mkdirSync(folder);
        plane.processes.start(
            controller,
            program,
            [
                // As its manifest has it, where it is not about addresses.
                ...["--watch-all-namespaces", "--log-level=info", "--log-encoding=json"],
                `--metrics-addr=${at(ports.metrics)}`,
                `--health-addr=${at(ports.health)}`,
                // A failure is tried again after up to 15 minutes otherwise.
                ...["--min-retry-delay=500ms", "--max-retry-delay=2s"],
                ...(controller === "source-controller"
                    ? [
                          `--storage-path=${folder}`,
                          `--storage-addr=${at(ports.storage)}`,
                          `--storage-adv-addr=${at(ports.storage)}`,
                      ]
                    : []),
            ],
            {
                ...process.env,
                KUBECONFIG: plane.kubeconfig,
                RUNTIME_NAMESPACE: NAMESPACE,
                TUF_ROOT: path.join(folder, "sigstore"),
            },
        );
    }

    const bucketObject = (): object => ({
        apiVersion: SOURCE,
        kind: "Bucket",
        metadata: { namespace: NAMESPACE, name: "apps" },
        spec: {
            ...{ interval: "2s", timeout: "5s", provider: "generic", insecure: true },
            ...{ bucketName: bucket.name, endpoint: bucket.endpoint, region: "us-east-1" },
            secretRef: { name: "bucket" },
        },
    });

    const kustomization = (name: string, more: object): object => ({
        apiVersion: KUSTOMIZE,
        kind: "Kustomization",
        metadata: { namespace: NAMESPACE, name },
        spec: {
            ...{ path: "./", prune: false, retryInterval: "1s", timeout: "10s" },
            sourceRef: { kind: "Bucket", name: "apps" },
            ...more,
        },
    });

    /** A source, and three that apply it: often, once an hour, and not at all. */
    async function declare(): Promise<void> {
        const secret = {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { namespace: NAMESPACE, name: "bucket" },
            stringData: { accesskey: bucket.access, secretkey: bucket.secret },
        };
        for (const each of [
            secret,
            bucketObject(),
            kustomization("often", { interval: "2s" }),
            kustomization("hourly", { interval: "1h" }),
        ]) {
            await plane.client.apply(each, "team");
        }
        for (const name of ["often", "hourly"]) {
            await ready(KUSTOMIZE, "Kustomization", name);
        }
        // It has been reconciled before, so that it is counted.
        await plane.client.apply(kustomization("paused", { interval: "1h" }), "team");
        await ready(KUSTOMIZE, "Kustomization", "paused");
        await plane.client.apply(
            kustomization("paused", { interval: "1h", suspend: true }),
            "team",
        );
    }

    async function ready(apiVersion: string, kind: string, name: string): Promise<void> {
        await plane.eventually(`${kind} ${name} is ready`, 60, async () => {
            const { status } = await plane.client.get(apiVersion, kind, NAMESPACE, name);
            const condition = listAt(status, "conditions").find(
                (each) => valueAt(each, "type") === "Ready",
            );
            assert.equal(valueAt(condition, "status"), "True", JSON.stringify(condition));
            return true;
        });
    }

    /** The operator's jobs of Flux, each second; kube-state-metrics' stand-in; our rules, whose alerts wait 5 s. */
    async function startMeasuring(): Promise<string> {
        const jobs = CONTROLLERS.map((each) => `podMonitor/monitoring/${each}/0`);
        const generated = await GeneratedConfig.withJobs(plane, jobs);
        const state = valueAt(
            resourceStateValues([fluxResourceState(true)]),
            "customResourceState",
            "config",
        );
        const served = await serveStateMetrics(plane.client, customResources(state));
        stopState = served.stop;
        const rules = path.join(plane.processes.folder, "flux-rules.json");
        fs.writeFileSync(rules, JSON.stringify(await shortened()));
        const often = { scrape_interval: "1s", scrape_timeout: "1s" };
        return startPrometheus(plane, path.join(plane.processes.folder, "flux"), {
            global: { ...often, evaluation_interval: "1s" },
            rule_files: [rules],
            scrape_configs: [
                ...jobs.map((job) => ({ ...generated.job(job), ...often })),
                {
                    job_name: "kube-state-metrics",
                    honor_labels: true,
                    static_configs: [
                        { targets: [served.target], labels: { namespace: "monitoring" } },
                    ],
                },
            ],
        });
    }

    async function shortened(): Promise<RuleFile> {
        const files = [...(await ruleFiles(plane)).values()].map((text) => parse(text) as RuleFile);
        const groups = files.flatMap((file) => file.groups).filter(({ name }) => name === "flux");
        // The platform's, and those that `delivery.flux` brings.
        assert.equal(groups.length, 2);
        return prompt({ groups: groups.map(({ rules }, i) => ({ name: `flux-${i}`, rules })) }, 5);
    }

    const query = (text: string) => queryPrometheus(prometheus, text);

    /** `Alert Kind/name` of those that fire. */
    async function firing(): Promise<string[]> {
        const alerts = await query('ALERTS{alertstate="firing"}');
        return alerts
            .map(({ metric }) => {
                const what = metric.customresource_kind
                    ? `${metric.customresource_kind}/${metric.name}`
                    : metric.job;
                return `${metric.alertname} ${what}`;
            })
            .sort();
    }

    async function fires(alert: string): Promise<void> {
        await plane.eventually(`${alert} fires`, 60, async () => {
            assert.ok((await firing()).includes(alert), (await firing()).join(", "));
            return true;
        });
    }

    async function ends(alert: string): Promise<void> {
        await plane.eventually(`${alert} ends`, 60, async () => {
            assert.ok(!(await firing()).includes(alert), alert);
            return true;
        });
    }

    it("the Kustomization applies what the bucket has, and later what it has then", async () => {
        const version = async () =>
            valueAt(await plane.client.get("v1", "ConfigMap", "default", "delivered"), "data");
        assert.deepEqual(await version(), { version: "1" });
        await bucket.put("delivered.yaml", config("2"));
        await plane.eventually("the second version is there", 30, async () => {
            assert.deepEqual(await version(), { version: "2" });
            return true;
        });
    });

    it("each is scraped through its PodMonitor, by the jobs that alerts select", async () => {
        await plane.eventually("both are up", 30, async () => {
            const up = await query("up == 1 and on (job) gotk_reconcile_duration_seconds_count");
            assert.deepEqual(
                up
                    .map(({ metric: { job, namespace, pod: name, environment } }) =>
                        [job, namespace, name, environment].join(" "),
                    )
                    .sort(),
                [...CONTROLLERS].sort().map((each) => `${each} ${NAMESPACE} ${each}-0 staging`),
            );
            return true;
        });
    });

    it("times of reconciliations have the object's kind, name and namespace", async () => {
        const found = await query("gotk_reconcile_duration_seconds_count");
        const objects = found.map(
            ({ metric: { job, kind, name, exported_namespace: namespace } }) =>
                `${job}: ${kind} ${namespace}/${name}`,
        );
        assert.deepEqual(objects.sort(), [
            ...["hourly", "often", "paused"].map(
                (name) => `kustomize-controller: Kustomization ${NAMESPACE}/${name}`,
            ),
            `source-controller: Bucket ${NAMESPACE}/apps`,
        ]);
    });

    it("everything that the catalogue says of Flux is really exposed, with its labels", async () => {
        const real = new Map<string, Set<string>>();
        for (const address of addresses.values()) {
            const text = await (await fetch(`http://${address}/metrics`)).text();
            for (const { name, labels } of parseExposition(text).samples) {
                const known = real.get(name) ?? new Set();
                Object.keys(labels).forEach((label) => known.add(label));
                real.set(name, known);
            }
        }
        const differences = Object.entries(exposerMetrics("flux").metrics)
            .filter(([family]) => !(family in UNSEEN))
            .flatMap(([family, metric]) => [...seriesOf(family, metric)])
            .flatMap(([name, labels]) => {
                const has = [...(real.get(name) ?? [])].sort().join(", ");
                const said = [...labels].sort().join(", ");
                return has === said ? [] : [`${name} has {${has}}, and not {${said}}`];
            });
        assert.deepEqual(differences, []);
    });

    it("the state of each has its revision, its source, and when it last became ready or not", async () => {
        const hourly = 'customresource_kind="Kustomization", name="hourly"';
        // It gets the bucket's second version meanwhile, and Prometheus knows it a second later.
        await plane.eventually("Prometheus has what the object says", 20, async () => {
            const { status } = await plane.client.get(
                ...([KUSTOMIZE, "Kustomization", NAMESPACE, "hourly"] as const),
            );
            const condition = listAt(status, "conditions").find(
                (each) => valueAt(each, "type") === "Ready",
            );
            const [info, ...others] = await query(`gotk_resource_info{${hourly}}`);
            const { revision, source, ready: isReady } = info?.metric ?? {};
            assert.deepEqual(
                [revision, source, isReady, others],
                [textAt(status, "lastAppliedRevision"), "apps", "True", []],
            );
            const [changed] = await query(
                `gotk_resource_ready_changed_timestamp_seconds{${hourly}}`,
            );
            const time = Date.parse(textAt(condition, "lastTransitionTime")) / 1000;
            assert.equal(changed?.value, time);
            return true;
        });
    });

    it("FluxReconcileOverdue fires on what nobody has looked at for longer than it may, and ends when somebody has", async () => {
        await fires("FluxReconcileOverdue Kustomization/hourly");
        // The others are suspended, or looked at every two seconds.
        assert.deepEqual(await firing(), [
            "FluxReconcileOverdue Kustomization/hourly",
            "FluxSuspended Kustomization/paused",
        ]);
        const requested = { "reconcile.fluxcd.io/requestedAt": new Date().toISOString() };
        const live = await plane.client.get(KUSTOMIZE, "Kustomization", NAMESPACE, "hourly");
        await plane.client.patch(live, { metadata: { annotations: requested } });
        await ends("FluxReconcileOverdue Kustomization/hourly");
    });

    it("FluxGitRepositorySyncFailed fires while the store is gone, and what was applied stays", async () => {
        await bucket.go();
        await fires("FluxGitRepositorySyncFailed Bucket/apps");
        const failed = (await firing()).filter((each) => each.startsWith("FluxReconciliationF"));
        assert.deepEqual(failed, []);
        await bucket.come();
        await ends("FluxGitRepositorySyncFailed Bucket/apps");
    });

    it("FluxReconciliationFailed fires while the source is gone, and ends when it is back", async () => {
        await plane.client.delete(await plane.client.get(SOURCE, "Bucket", NAMESPACE, "apps"));
        await fires("FluxReconciliationFailed Kustomization/often");
        await plane.client.apply(bucketObject(), "team");
        await ends("FluxReconciliationFailed Kustomization/often");
    });

    it("TargetMissing fires when a controller is gone", async () => {
        await plane.processes.stop("kustomize-controller");
        await fires("TargetMissing kustomize-controller");
    });
});
