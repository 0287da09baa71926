import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { parseExposition } from "../../commands/catalogue/exposition";
import { exposerMetrics, seriesOf } from "../../components/metrics/catalogue/catalogue";
import { ControlPlane } from "../../lab/cluster/controlPlane";
import {
    ARGO_CD_VERIFIER,
    argocdCrds,
    argocdVerifier,
    argocdWorkload,
} from "../../lab/cluster/crdFiles";
import { applyCrds } from "../../lab/cluster/crdKinds";
import { ruleFiles, startPrometheusOperator } from "../../lab/cluster/operators";
import { freePorts } from "../../lab/cluster/ports";
import { listAt, textAt, valueAt } from "../../lab/program/objects";
import { dashboardsIn, panelsIn, withoutVariables } from "../../lab/promql/dashboards";
import { isOnPath, run } from "../../lab/tools/commands";
import { tools } from "../../lab/tools/goTools";
import { skip } from "../support/skip";
import { skipUnlessBuilt } from "../support/goTool";
import { standFor } from "./processPod";
import { GeneratedConfig, prompt, queryPrometheus, RuleFile, startPrometheus } from "./prometheus";
import { CaseStacks } from "./world";

const NAMESPACE = "argocd";
const SETTINGS = { delivery: { argocd: { namespace: NAMESPACE } } };
const APPLICATION = ["argoproj.io/v1alpha1", "Application", NAMESPACE, "shop"] as const;

/** Where each says its metrics are, by https://argo-cd.readthedocs.io/en/stable/operator-manual/metrics/. */
const METRICS = {
    "argocd-application-controller": 8082,
    "argocd-server": 8083,
    "argocd-repo-server": 8084,
    "argocd-applicationset-controller": 8080,
};
type Component = keyof typeof METRICS;
const COMPONENTS = Object.keys(METRICS) as Component[];
const CONTROLLER = "argocd-application-controller";

/** What the team has in Git. */
interface Content {
    readonly version: string;
    /** A node that no cluster has, so that its pods stay pending. */
    readonly unschedulable?: true;
    /** A namespace that is not there, so that it cannot be applied. */
    readonly misplaced?: true;
}

function manifests({ version, unschedulable, misplaced }: Content): object[] {
    const labels = { app: "web" };
    return [
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "web" },
            spec: {
                // Ten minutes otherwise, until it counts as failed.
                progressDeadlineSeconds: 5,
                selector: { matchLabels: labels },
                template: {
                    metadata: { labels },
                    spec: {
                        ...(unschedulable ? { nodeSelector: { disk: "of-glass" } } : {}),
                        containers: [{ name: "web", image: `example.org/web:${version}` }],
                    },
                },
            },
        },
        ...(misplaced
            ? [
                  {
                      apiVersion: "v1",
                      kind: "ConfigMap",
                      metadata: { name: "misplaced", namespace: "nowhere" },
                  },
              ]
            : []),
    ];
}

describe("Cluster: Argo CD delivers, and is watched by our monitors and alerts", function () {
    this.timeout(120_000);
    let plane: ControlPlane;
    let prometheus: string;
    let repository: string;
    /** Where each listens for Prometheus, on this machine. */
    let metrics: Readonly<Record<Component, number>>;

    before(async function () {
        // Its tools may have to be built.
        this.timeout(0);
        for (const program of ["redis-server", "git"]) {
            if (!isOnPath(program)) {
                skip(this, `Argo CD needs ${program} on the PATH`);
            }
        }
        skipUnlessBuilt(this, "argocd");
        await tools("argocd", "prometheus");
        plane = await ControlPlane.start();
        for (const name of [NAMESPACE, "shop"]) {
            const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
            await plane.client.apply(namespace, "test");
        }
        await applyCrds(plane, await argocdCrds(), "argocd");
        const [up] = await new CaseStacks(plane, "staging").up({ change: SETTINGS });
        assert.deepEqual(up?.stack.refused, []);
        repository = path.join(plane.processes.folder, "repository");
        await run("git", ["init", "--quiet", "--initial-branch=main", repository]);
        await commit({ version: "1" });
        await startArgo();
        await startPrometheusOperator(plane);
        prometheus = await startMeasuring();
        await declare();
    });
    after(async () => {
        await plane?.stop();
    });

    /** Each component as a process of the one program, and a pod of its own manifest that stands for it. */
    async function startArgo(): Promise<void> {
        const { argocd } = await tools("argocd");
        const [redis = 0, repoServer = 0, api = 0, probes = 0, webhook = 0, ...own] =
            await freePorts(5 + COMPONENTS.length);
        metrics = Object.fromEntries(COMPONENTS.map((each, i) => [each, own[i] ?? 0])) as Record<
            Component,
            number
        >;
        plane.processes.start("redis", "redis-server", [
            ...["--port", String(redis), "--bind", "127.0.0.1", "--save", ""],
        ]);
        const settings = {
            apiVersion: "v1",
            metadata: { namespace: NAMESPACE, labels: { "app.kubernetes.io/part-of": "argocd" } },
        };
        for (const [kind, name] of [
            ["ConfigMap", "argocd-cm"],
            ["ConfigMap", "argocd-rbac-cm"],
            ["Secret", "argocd-secret"],
        ]) {
            const metadata = { ...settings.metadata, name };
            await plane.client.apply({ ...settings, kind, metadata }, "argocd");
        }
        const shared = [`--redis=127.0.0.1:${redis}`];
        const asked = `--repo-server=127.0.0.1:${repoServer}`;
        const args: Record<Component, readonly string[]> = {
            // Git is looked at every two minutes otherwise.
            [CONTROLLER]: [...shared, asked, "--app-resync=2", "--app-resync-jitter=0"],
            "argocd-server": [
                ...[...shared, asked, "--insecure", "--address=127.0.0.1", `--port=${api}`],
            ],
            "argocd-repo-server": [
                ...[...shared, "--address=127.0.0.1", `--port=${repoServer}`],
                // What Git said is remembered for minutes otherwise.
                "--revision-cache-expiration=1s",
            ],
            "argocd-applicationset-controller": [
                ...[`--argocd-repo-server=127.0.0.1:${repoServer}`],
                ...[`--probe-addr=127.0.0.1:${probes}`, `--webhook-addr=127.0.0.1:${webhook}`],
            ],
        };
        const programs = path.join(plane.processes.folder, "programs");
        fs.mkdirSync(programs);
        fs.writeFileSync(path.join(programs, ARGO_CD_VERIFIER), await argocdVerifier(), {
            mode: 0o755,
        });
        for (const component of COMPONENTS) {
            const { folder } = plane.processes;
            const port = metrics[component];
            const home = path.join(folder, component);
            fs.mkdirSync(home);
            const listening =
                component === "argocd-applicationset-controller"
                    ? `--metrics-addr=127.0.0.1:${port}`
                    : `--metrics-port=${port}`;
            // The repository server has no API server to talk to.
            const space = component === "argocd-repo-server" ? [] : [`--namespace=${NAMESPACE}`];
            plane.processes.start(component, argocd, [...args[component], ...space, listening], {
                ...process.env,
                PATH: `${programs}:${process.env.PATH}`,
                KUBECONFIG: plane.kubeconfig,
                ARGOCD_BINARY_NAME: component,
                // `https://kubernetes.default.svc` is the cluster of the kubeconfig.
                ARGOCD_FAKE_IN_CLUSTER: "true",
                ARGOCD_GPG_ENABLED: "false",
                ARGOCD_TLS_DATA_PATH: path.join(home, "tls"),
                ARGOCD_SSH_DATA_PATH: path.join(home, "ssh"),
                ARGOCD_ASK_PASS_SOCK: path.join(home, "ask-pass.sock"),
                ARGOCD_PLUGINSOCKFILEPATH: path.join(home, "plugins"),
            });
            const { spec } = await argocdWorkload(component);
            const template = valueAt(spec, "template");
            const ports = listAt(template, "spec", "containers").flatMap(
                (each) => listAt(each, "ports") as { readonly containerPort: number }[],
            );
            await standFor(plane, {
                ...{ namespace: NAMESPACE, name: `${component}-0`, ports },
                labels: valueAt(template, "metadata", "labels") as Record<string, string>,
            });
        }
        await plane.eventually("Argo CD has its project", 60, () =>
            plane.client.find("argoproj.io/v1alpha1", "AppProject", NAMESPACE, "default"),
        );
    }

    async function commit(content: Content): Promise<string> {
        const git = (...args: string[]): Promise<string> =>
            run("git", [
                "-C",
                repository,
                "-c",
                "user.name=team",
                "-c",
                "user.email=team",
                ...args,
            ]);
        const folder = path.join(repository, "shop");
        fs.mkdirSync(folder, { recursive: true });
        const texts = manifests(content).map((each) => stringify(each));
        fs.writeFileSync(path.join(folder, "all.yaml"), texts.join("---\n"));
        await git("add", "--all");
        await git("commit", "--quiet", "--allow-empty", `--message=${content.version}`);
        return (await git("rev-parse", "HEAD")).trim();
    }

    async function declare(): Promise<void> {
        const [apiVersion, kind, namespace, name] = APPLICATION;
        await plane.client.apply(
            {
                apiVersion,
                kind,
                metadata: { namespace, name },
                spec: {
                    project: "default",
                    source: {
                        repoURL: `file://${repository}`,
                        path: "shop",
                        targetRevision: "main",
                    },
                    destination: { server: "https://kubernetes.default.svc", namespace: "shop" },
                },
            },
            "team",
        );
    }

    /** The operator's jobs of Argo CD, each second, and our rules, whose alerts wait 5 s. */
    async function startMeasuring(): Promise<string> {
        const jobs = COMPONENTS.map((each) => `podMonitor/monitoring/${each}/0`);
        const generated = await GeneratedConfig.withJobs(plane, jobs);
        const groups = [...(await ruleFiles(plane)).values()]
            .flatMap((text) => (parse(text) as RuleFile).groups)
            .filter(({ name }) => name === "argocd");
        assert.equal(groups.length, 1);
        const folder = path.join(plane.processes.folder, "argocd");
        fs.mkdirSync(folder);
        fs.writeFileSync(path.join(folder, "rules.json"), JSON.stringify(prompt({ groups }, 5)));
        const often = { scrape_interval: "1s", scrape_timeout: "1s" };
        // The ports of the manifests may be taken on this machine: each address leads to where its process listens.
        const moved = COMPONENTS.map((each) => ({
            ...{ source_labels: ["__address__"], regex: `127.0.0.1:${METRICS[each]}` },
            ...{ target_label: "__address__", replacement: `127.0.0.1:${metrics[each]}` },
        }));
        return startPrometheus(plane, folder, {
            global: { ...often, evaluation_interval: "1s" },
            rule_files: ["rules.json"],
            scrape_configs: jobs.map((name) => {
                const job = generated.job(name);
                const relabelings = (job.relabel_configs ?? []) as object[];
                return { ...job, ...often, relabel_configs: [...relabelings, ...moved] };
            }),
        });
    }

    /** What `argocd app sync` asks for. */
    async function sync(options: { readonly dryRun?: true } = {}): Promise<void> {
        const live = await plane.client.get(...APPLICATION);
        const operation = { initiatedBy: { username: "team" }, sync: { prune: true, ...options } };
        await plane.client.patch(live, { operation });
    }

    async function becomes(what: string, wanted: Readonly<Record<string, string>>): Promise<void> {
        await plane.eventually(`the application is ${what}`, 60, async () => {
            const { status } = await plane.client.get(...APPLICATION);
            const found = {
                revision: textAt(status, "sync", "revision"),
                sync: textAt(status, "sync", "status"),
                health: textAt(status, "health", "status"),
                phase: textAt(status, "operationState", "phase"),
            };
            const seen = Object.fromEntries(Object.entries(found).filter(([key]) => key in wanted));
            assert.deepEqual(seen, wanted, JSON.stringify(status));
            return true;
        });
    }

    const query = (text: string) => queryPrometheus(prometheus, text);

    /** `Alert namespace/name severity` of those that fire. */
    async function firing(): Promise<string[]> {
        return (await query('ALERTS{alertstate="firing"}'))
            .map(({ metric: { alertname, namespace, name, job } }) =>
                [alertname, `${namespace}/${name ?? job}`].join(" "),
            )
            .sort();
    }

    async function fire(...alerts: string[]): Promise<void> {
        await plane.eventually(`${alerts.join(", ") || "nothing"} fires`, 60, async () => {
            assert.deepEqual(await firing(), alerts);
            return true;
        });
    }

    /** What the panel of that title shows: the values of its queries, with All in every variable. */
    async function shown(title: string): Promise<number[]> {
        const panel = (await panels()).find((each) => each.title === title);
        assert.ok(panel, `the dashboard has no panel ${title}`);
        const answers = await Promise.all(panel.queries.map(query));
        return answers.flat().map(({ value }) => value);
    }

    async function panels(): Promise<{ title: string; queries: string[] }[]> {
        const maps = await plane.client.list("v1", "ConfigMap", "monitoring");
        const found = maps
            .flatMap((map) => dashboardsIn(map, map.metadata.name))
            .find(({ dashboard }) => dashboard.uid === "argocd");
        return panelsIn(found?.dashboard ?? {}).flatMap(({ title = "", targets = [] }) => {
            const queries = targets.flatMap(({ expr }) =>
                expr ? [withoutVariables(expr).replaceAll(/\$\{?[a-z]\w*\}?/g, ".*")] : [],
            );
            return queries.length > 0 ? [{ title, queries }] : [];
        });
    }

    it("each component is scraped through its PodMonitor, which finds the pods of its own manifest", async () => {
        await plane.eventually("all are up", 60, async () => {
            const up = await query("up == 1");
            assert.deepEqual(
                up
                    .map(({ metric: { job, namespace, pod, environment } }) =>
                        [job, namespace, pod, environment].join(" "),
                    )
                    .sort(),
                [...COMPONENTS].sort().map((each) => `${each} ${NAMESPACE} ${each}-0 staging`),
            );
            return true;
        });
    });

    it("ArgocdApplicationOutOfSync fires until somebody synchronizes, and when Git moves on", async () => {
        const outOfSync = `ArgocdApplicationOutOfSync ${NAMESPACE}/shop`;
        await fire(outOfSync);
        await sync();
        await becomes("as Git says", { sync: "Synced", health: "Healthy", phase: "Succeeded" });
        await fire();
        const revision = await commit({ version: "2" });
        await becomes("behind", { revision, sync: "OutOfSync", health: "Healthy" });
        await fire(outOfSync);
        await sync();
        await becomes("as Git says", { revision, sync: "Synced", health: "Healthy" });
        await fire();
        const live = await plane.client.get("apps/v1", "Deployment", "shop", "web");
        const image = textAt(live.spec, "template", "spec", "containers", "0", "image");
        assert.equal(image, "example.org/web:2");
    });

    it("ArgocdApplicationDegraded fires while a Deployment does not get ready, and ends when it does", async () => {
        const revision = await commit({ version: "3", unschedulable: true });
        await becomes("behind", { revision, sync: "OutOfSync" });
        await sync();
        await becomes("degraded", { revision, sync: "Synced", health: "Degraded" });
        await fire(`ArgocdApplicationDegraded ${NAMESPACE}/shop`);
        assert.deepEqual(await shown("Degraded"), [1]);
        const mended = await commit({ version: "4" });
        await becomes("behind", { revision: mended, sync: "OutOfSync" });
        await sync();
        await becomes("well", { revision: mended, sync: "Synced", health: "Healthy" });
        await fire();
        assert.deepEqual(await shown("Degraded"), [0]);
    });

    it("the dashboard shows the first failure, and nothing of what was only tried", async () => {
        const revision = await commit({ version: "5", misplaced: true });
        await becomes("behind", { revision, sync: "OutOfSync" });
        await sync({ dryRun: true });
        await plane.eventually("the trial is counted", 30, async () => {
            const tried = await query('argocd_app_sync_total{dry_run="true"}');
            return tried.length === 1 ? true : undefined;
        });
        // Four were done: of the first version and of the three that came after it.
        assert.deepEqual((await shown("Synchronizations")).map(Math.round), [4]);
        assert.deepEqual(await shown("Failed, 1 h"), [0]);
        await sync();
        await plane.eventually("the failure is shown", 30, async () => {
            assert.deepEqual((await shown("Failed, 1 h")).map(Math.round), [1]);
            return true;
        });
    });

    it("each panel of its dashboard shows data while something is wrong", async () => {
        await fire(`ArgocdApplicationOutOfSync ${NAMESPACE}/shop`);
        await plane.eventually("each panel has data", 60, async () => {
            const empty: string[] = [];
            for (const { title } of await panels()) {
                if ((await shown(title)).length === 0) {
                    empty.push(title);
                }
            }
            assert.deepEqual(empty, []);
            return true;
        });
    });

    it("everything that the catalogue says of Argo CD is really exposed, with its labels", async () => {
        const text = await (await fetch(`http://127.0.0.1:${metrics[CONTROLLER]}/metrics`)).text();
        const real = new Map<string, string>();
        for (const { name, labels } of parseExposition(text).samples) {
            real.set(name, Object.keys(labels).sort().join(", "));
        }
        const differences = Object.entries(exposerMetrics("argocd").metrics)
            .flatMap(([family, metric]) => [...seriesOf(family, metric)])
            .flatMap(([name, labels]) => {
                const said = [...labels].sort().join(", ");
                return real.get(name) === said
                    ? []
                    : [`${name} has {${real.get(name)}}, and not {${said}}`];
            });
        assert.deepEqual(differences, []);
    });

    it("an application's series have its own namespace, and the job that alerts select", async () => {
        const [info, ...others] = await query("argocd_app_info");
        assert.deepEqual(others, []);
        const { job, namespace, name, pod, project, environment } = info?.metric ?? {};
        assert.deepEqual(
            { job, namespace, name, pod, project, environment },
            {
                ...{ job: CONTROLLER, namespace: NAMESPACE, name: "shop" },
                ...{ pod: `${CONTROLLER}-0`, project: "default", environment: "staging" },
            },
        );
    });

    it("TargetMissing fires when the controller has ended, and what it said of applications ends", async () => {
        await plane.processes.stop(CONTROLLER);
        await fire(`TargetMissing ${NAMESPACE}/${CONTROLLER}`);
    });
});
