import assert from "node:assert/strict";

import { ControlPlane } from "../../lab/cluster/controlPlane";
import { ApiError } from "../../lab/cluster/kubeTransport";
import { DIALECTS } from "../support/dialects";
import { PART_DIALECTS } from "../support/partDialects";

const ALL = { ...DIALECTS, ...PART_DIALECTS };

interface Reader {
    /** An object with a value where the configuration's lands. */
    readonly object: (value: never) => object;
    /** What the API server takes of what the configuration refuses: by hand, with the reason. */
    readonly stricter?: readonly unknown[];
}

const at = (name: string) => ({ name, namespace: "default" });
const pod = (spec: object, labels: object = {}) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...at("it"), labels },
    spec: { containers: [{ name: "it", image: "example.com/it:1" }], ...spec },
});
const container = (resources: object) =>
    pod({ containers: [{ name: "it", image: "example.com/it:1", resources }] });
const configMap = (metadata: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata });
const claim = (storage: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: at("it"),
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
});

const nodes = (...nodeSelectorTerms: object[]) => ({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
});

const READERS: Partial<Record<keyof typeof ALL, Reader>> = {
    "cron of Kubernetes": {
        stricter: [
            // Never; a slip; in words, which cannot be read for their distance; `?` of another field; spaces.
            ...["0 1 30 2 *", "1,,2 * * * *", "@daily", "@every 1h", "? 1 * * *"],
            ...["0 1 * * * ", " 0 1 * * *", "0 1 * * *\n", "0\t1 * * *"],
        ],
        object: (schedule: string) => ({
            apiVersion: "batch/v1",
            kind: "CronJob",
            metadata: at("it"),
            spec: {
                schedule,
                jobTemplate: {
                    spec: {
                        template: {
                            spec: {
                                restartPolicy: "Never",
                                containers: [{ name: "it", image: "example.com/it:1" }],
                            },
                        },
                    },
                },
            },
        }),
    },
    "namespaces of others": {
        // What every object of JavaScript has.
        stricter: ["constructor"],
        object: (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
    },
    "names of objects": { object: (name: string) => configMap(at(name)) },
    "keys of annotations": {
        stricter: [
            // In capitals, which no other key has; what every object has.
            ...["A.com/b", "constructor", "toString"],
        ],
        object: (key: string) => configMap({ ...at("it"), annotations: { [key]: "x" } }),
    },
    "keys of labels": {
        stricter: ["constructor"],
        object: (key: string) => configMap({ ...at("it"), labels: { [key]: "x" } }),
    },
    "values of labels": {
        object: (value: string) => configMap({ ...at("it"), labels: { it: value } }),
    },
    "names of Services": {
        stricter: [
            // Since Kubernetes 1.34; before, no Service began with a digit.
            "1a",
        ],
        object: (name: string) => ({
            apiVersion: "v1",
            kind: "Service",
            metadata: at(name),
            spec: { ports: [{ port: 80 }] },
        }),
    },
    "sizes in bytes": {
        stricter: [
            // Parts of a byte; more than a cloud has; forms of Go that nobody writes.
            ...["+1Gi", "500m", "1Gi ", " 1Gi", ".5Gi", "1.Gi", "0.1Gi", "1.1"],
            ...["2Pi", "99999999999999999999", "1e3"],
        ],
        object: claim,
    },
    cores: {
        stricter: [
            // None; parts of a thousandth, which are rounded up; more than a node has; bytes.
            ...["0", "0m", "0.0001", "0.5m", "+1", "257", "1k", "1Ki", "1Mi", "1M"],
            ...[".5", "1.", "100u", "1e3", "1.0001"],
        ],
        object: (cpu: string) => container({ requests: { cpu } }),
    },
    "hosts of Ingresses": {
        stricter: [
            // Links lead to it; an address that lacks a part.
            ...["*.example.com", "1.2.3"],
        ],
        object: (host: string) => ({
            apiVersion: "networking.k8s.io/v1",
            kind: "Ingress",
            metadata: at("it"),
            spec: {
                rules: [
                    {
                        host,
                        http: {
                            paths: [
                                {
                                    path: "/",
                                    pathType: "Prefix",
                                    backend: { service: { name: "it", port: { number: 80 } } },
                                },
                            ],
                        },
                    },
                ],
            },
        }),
    },
    "ranges of addresses": {
        object: (cidr: string) => ({
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: at("it"),
            spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }] }] },
        }),
    },
    "whole numbers of 32 bits": {
        stricter: [
            // The least is 1 here; JSON has no other numbers, and a null is the default.
            ...[0, NaN, Infinity, -Infinity, null, undefined],
        ],
        object: (replicas: number) => ({
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: at("it"),
            spec: {
                replicas,
                selector: { matchLabels: { it: "x" } },
                template: {
                    metadata: { labels: { it: "x" } },
                    spec: { containers: [{ name: "it", image: "example.com/it:1" }] },
                },
            },
        }),
    },
    tolerations: {
        stricter: [[{ key: "a", effect: "" }]],
        object: (tolerations: object[]) => pod({ tolerations }),
    },
    affinity: {
        stricter: [
            // They take no node.
            nodes({}),
            nodes({ matchExpressions: [{ key: "disk", operator: "Gt", values: ["five"] }] }),
        ],
        object: (affinity: object) => pod({ affinity }),
    },
    "spreads of pods": {
        stricter: [
            // Of no use; keys that no label can have; a selector, which is ours.
            [],
            [{ topologyKey: "a b" }],
            [{ topologyKey: "a/b/c" }],
            [{ topologyKey: "zone", labelSelector: {} }],
        ],
        object: (spread: object[]) =>
            pod({
                topologySpreadConstraints: spread.map((each) => ({
                    maxSkew: 1,
                    whenUnsatisfiable: "ScheduleAnyway",
                    ...each,
                })),
            }),
    },
};

describe("Cluster: dialects, as the API server takes them", function () {
    // Its tools may have to be built.
    this.timeout(0);
    let plane: ControlPlane;
    before(async () => {
        plane = await ControlPlane.start({}, { simulatedNodes: false });
    });
    after(() => plane.stop());

    for (const [dialect, { object, stricter = [] }] of Object.entries(READERS)) {
        it(`${dialect}: it takes what is right, and refuses what is wrong but for what is listed`, async () => {
            const taken = async (value: unknown): Promise<boolean> => {
                try {
                    await plane.client.dryRun(object(value as never));
                    return true;
                } catch (error) {
                    plane.processes.check();
                    // There is one of this name.
                    return error instanceof ApiError && error.status === 409;
                }
            };
            const all = ALL[dialect as keyof typeof ALL];
            // Where a value may be empty, nothing is made of it.
            const right = all.right.filter((each) => each !== "" || dialect.startsWith("values"));
            const { wrong } = all;
            const refused: unknown[] = [];
            for (const value of right) {
                if (!(await taken(value))) {
                    refused.push(value);
                }
            }
            assert.deepEqual(refused, [], "right values");
            const accepted: unknown[] = [];
            for (const value of wrong) {
                if (await taken(value)) {
                    accepted.push(value);
                }
            }
            assert.deepEqual(accepted, stricter, "wrong values");
        });
    }
});
