import assert from "node:assert/strict";

import {
    customResources,
    find,
    kubernetesObjects,
    KubernetesObject,
    label,
    ofKind,
    releases,
    textAt,
    valueAt,
} from "../../lab/program/objects";
import { ProgramRun, Registration } from "../../lab/program/program";
import { everyModeRun, stackRun, STACKS } from "../../lab/program/runs";
import { dependenciesOf } from "../support/dependencies";

const RUNS: Readonly<Record<string, () => Promise<ProgramRun>>> = {
    ...Object.fromEntries(STACKS.map((stack) => [stack, () => stackRun(stack)])),
    "a stack with every mode": everyModeRun,
};

const CLUSTER_SCOPED = [
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "PriorityClass",
];

/** URNs of what must exist before an object of this kind can. */
function bringers(run: ProgramRun, { apiVersion, kind }: KubernetesObject): string[] {
    const charts = (...names: readonly string[]) =>
        names.map((chart) => {
            const release = releases(run).find((each) => each.chart === chart);
            assert.ok(release, `a release of ${chart}`);
            return release.registration.urn;
        });
    const [group = ""] = apiVersion.split("/");
    switch (group) {
        case "monitoring.coreos.com":
            return charts("prometheus-operator-crds");
        case "redis.redis.opstreelabs.in": {
            const crd = ofKind(run, "CustomResourceDefinition").find(
                ({ manifest }) => valueAt(manifest, "spec", "names", "kind") === kind,
            );
            assert.ok(crd, `a CRD of ${kind}`);
            return [crd.registration.urn, ...charts("redis-operator")];
        }
        case "elasticsearch.k8s.elastic.co":
        case "kibana.k8s.elastic.co":
            return charts("eck-operator-crds", "eck-operator");
        default:
            return assert.fail(`what brings ${apiVersion} ${kind}? Add it here`);
    }
}

function duplicates(names: readonly string[]): string[] {
    return names.filter((name, i) => names.indexOf(name) !== i);
}

for (const [stack, make] of Object.entries(RUNS)) {
    describe(`Resources of ${stack}`, () => {
        let run: ProgramRun;
        let children: Registration[];
        before(async () => {
            run = await make();
            children = run.registrations.filter(
                ({ custom, type }) => custom && type !== "pulumi:providers:kubernetes",
            );
        });

        it("have a URN each", () => {
            assert.deepEqual(duplicates(run.registrations.map(({ urn }) => urn)), []);
        });

        it("do not make one Kubernetes object twice", () => {
            assert.deepEqual(duplicates(kubernetesObjects(run).map(label)), []);
            const names = releases(run).map(({ namespace, name }) => `${namespace}/${name}`);
            assert.deepEqual(duplicates(names), []);
        });

        it("have a component as their parent, but for what guards the whole", () => {
            const components = run.registrations.filter(({ type }) =>
                /^observability:index:[A-Z]/.test(type),
            );
            const urns = components.map(({ urn }) => urn);
            const orphans = children.filter(({ parent }) => !urns.includes(parent));
            assert.deepEqual(
                orphans.map(({ name }) => name),
                ["destroy-guard"],
            );
        });

        it("name the namespace of everything that a namespace holds", () => {
            const without = [
                ...kubernetesObjects(run).filter(({ kind }) => !CLUSTER_SCOPED.includes(kind)),
                ...releases(run),
            ].filter(({ namespace }) => !namespace);
            assert.deepEqual(
                without.map(({ registration }) => registration.urn),
                [],
            );
        });

        it("are made in namespaces that exist by then", () => {
            const namespaces = new Map(
                ofKind(run, "Namespace").map(({ name, registration }) => [name, registration.urn]),
            );
            for (const { namespace, registration } of [
                ...kubernetesObjects(run),
                ...releases(run),
            ]) {
                if (namespace !== undefined) {
                    const urn = namespaces.get(namespace);
                    assert.ok(urn, `${registration.urn}: nobody makes ${namespace}`);
                    const first = dependenciesOf(run, registration);
                    assert.ok(first.has(urn), `${registration.urn} may come before ${namespace}`);
                }
            }
        });

        it("never reach the current context: each has one of our two providers", () => {
            const provider = (name: string) => {
                const found = run.registrations.find(
                    (each) => each.type === "pulumi:providers:kubernetes" && each.name === name,
                );
                return found?.urn ?? assert.fail(`a provider "${name}"`);
            };
            const ours = { cluster: provider("cluster"), retained: provider("cluster-retained") };
            for (const { type, urn, provider: used } of run.registrations) {
                if (type.startsWith("kubernetes:")) {
                    // Only what a destroyed stack leaves may be taken over by the next one.
                    const crd = type.endsWith(":CustomResourceDefinition");
                    const expected = crd ? ours.retained : ours.cluster;
                    assert.ok(used.startsWith(`${expected}::`), `${urn} uses ${used}`);
                }
            }
        });

        it("make a custom resource after what brings its kind", () => {
            const resources = customResources(run);
            assert.ok(resources.length > 5);
            for (const object of resources) {
                const first = dependenciesOf(run, object.registration);
                for (const urn of bringers(run, object)) {
                    assert.ok(first.has(urn), `${label(object)} may come before ${urn}`);
                }
            }
        });

        it("come with no warning but for what is still to set", () => {
            const others = run.log.filter((line) => !line.includes("To set before `npx pulumi up"));
            assert.deepEqual(others, []);
        });

        it("are labelled as ours", () => {
            const strangers = kubernetesObjects(run)
                .filter(({ kind }) => kind !== "CustomResourceDefinition")
                .filter(({ labels }) => labels["app.kubernetes.io/part-of"] !== "observability");
            assert.deepEqual(strangers.map(label), []);
        });

        it("install every chart at an exact version, and keep few of Helm's revisions", () => {
            for (const { name, version, registration } of releases(run)) {
                assert.match(version, /^\d+\.\d+\.\d+$/, name);
                assert.equal(registration.inputs.maxHistory, 5, name);
            }
        });

        it("use no image without a version", () => {
            const images = [...kubernetesObjects(run), ...releases(run)].flatMap((each) =>
                imagesIn("manifest" in each ? each.manifest : each.values),
            );
            assert.ok(images.length > 3);
            const floating = images.filter((image) => !/:[^:/]+$/.test(image));
            assert.deepEqual(floating, []);
            assert.deepEqual(
                images.filter((image) => image.endsWith(":latest")),
                [],
            );
        });
    });
}

/** Every text below a key `image`. */
function imagesIn(value: unknown): string[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, each]) =>
        key === "image" && typeof each === "string" ? [each] : imagesIn(each),
    );
}

for (const stack of STACKS) {
    describe(`Redis in ${stack}`, () => {
        it("is scraped every 30 s, within 10 s, at its exporters' port", async () => {
            const run = await stackRun(stack);
            const instances = customResources(run).filter(({ kind }) => kind.startsWith("Redis"));
            assert.ok(instances.length > 0);
            for (const { name } of instances) {
                const { manifest } = find(run, "ServiceMonitor", name);
                const endpoints = valueAt(manifest, "spec", "endpoints") as object[];
                assert.deepEqual(
                    endpoints.map((endpoint) => [
                        textAt(endpoint, "interval"),
                        textAt(endpoint, "scrapeTimeout"),
                        textAt(endpoint, "port"),
                    ]),
                    [["30s", "10s", "redis-exporter"]],
                );
            }
        });
    });
}
