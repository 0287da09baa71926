import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { ProgramOptions, ProgramRun, runProgram } from "./program";
import { readStackFile, Settings } from "./stackFile";

/** The stacks of the fixtures. */
export const STACKS = ["staging", "prod"] as const;

/** The program on its own: whether this machine has a kubeconfig, and what is in it, does not matter. */
export async function isolatedRun(options: ProgramOptions): Promise<ProgramRun> {
    const { KUBECONFIG } = process.env;
    process.env.KUBECONFIG = path.join(os.tmpdir(), "observability-tests", "no-kubeconfig");
    try {
        return await runProgram(options);
    } finally {
        restore("KUBECONFIG", KUBECONFIG);
    }
}

/** A preview of a fixture, with top-level keys replaced. */
export function previewOf(stack: string, change: Settings = {}): Promise<ProgramRun> {
    return isolatedRun({ stack, settings: { ...readStackFile(stack), ...change } });
}

/** One preview of each fixture for all tests; they only read it. */
export const stackRun = once((stack: string) => previewOf(stack));

/** The staging stack with an instance of each mode in the namespace `orders`, two of one mode with similar names. */
export const everyModeRun = once(() => {
    const size = { memory: "256Mi", storageSize: "1Gi" };
    const instances = {
        single: { mode: "standalone", ...size },
        pair: { mode: "replication", replicas: 2, ...size },
        "pair-b": { mode: "replication", replicas: 3, ...size },
        watched: { mode: "sentinel", replicas: 3, ...size },
        shards: { mode: "cluster", shards: 3, ...size },
    };
    return previewOf("staging", {
        redis: { orders: { clientNamespaces: ["shop"], instances } },
    });
});

/** What a stack can have beside its Redis instances, one of each. */
const EVERY_PART: Settings = {
    applications: {
        ode: {
            "ode-worker": {
                port: 9090,
                canary: true,
                autoscaling: {
                    max: 20,
                    queues: { jobs: { instance: "redis-replication", namespace: "staging" } },
                },
            },
            "ode-api": {
                port: 9090,
                canary: true,
                slo: {
                    availability: { objective: 99.9, window: "14d" },
                    latency: { objective: 99.9, window: "14d", within: 0.3 },
                },
            },
        },
    },
    scrape: { annotated: { enabled: true } },
    delivery: { flux: {}, argocd: {}, flagger: {} },
    mesh: {
        istio: { gateways: { ingress: { namespace: "gateways", selector: { istio: "ingress" } } } },
    },
    autoscaling: { provider: "keda" },
    probes: { shop: { url: "https://shop.example.com" }, db: { tcp: "db.example.com:5432" } },
    clients: { prometheus: { kiali: { namespace: "istio-system" } } },
};

/** The staging stack with every part that is off where nobody asks for it. */
export const everyPartRun = once(() => previewOf("staging", EVERY_PART));

/** The same with the other provider of metrics for autoscalers. */
export const adapterRun = once(() =>
    previewOf("staging", { ...EVERY_PART, autoscaling: { provider: "prometheus-adapter" } }),
);

export const OWNER = "organization/observability/prod";

/** A stack that uses the cluster of another one and has one Redis in the namespace `qa`. */
export const tenantRun = once(async () => {
    const owner = await stackRun("prod");
    const instance = { mode: "replication", replicas: 3, memory: "256Mi", storageSize: "1Gi" };
    return isolatedRun({
        stack: "qa",
        settings: {
            ...readStackFile("staging"),
            environment: "qa",
            cluster: { name: "prod", role: "tenant", ownerStack: OWNER, controlPlane: "managed" },
            redis: { qa: { instances: { cache: instance } } },
        },
        stackOutputs: { [OWNER]: owner.outputs },
    });
});

/** Calls a function with a folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-"));
    try {
        return await use(folder);
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

/** Calls a function with an environment variable set. */
export async function withEnv<T>(name: string, value: string, use: () => Promise<T>): Promise<T> {
    const before = process.env[name];
    process.env[name] = value;
    try {
        return await use();
    } finally {
        restore(name, before);
    }
}

function restore(name: string, value: string | undefined): void {
    if (value === undefined) {
        delete process.env[name];
    } else {
        process.env[name] = value;
    }
}

/** Remembers what a function gave for a key. */
function once<T>(make: (key: string) => Promise<T>): (key?: string) => Promise<T> {
    const known = new Map<string, Promise<T>>();
    return (key = "") => {
        const value = known.get(key) ?? make(key);
        known.set(key, value);
        return value;
    };
}
