/** Where clients reach a Redis. */
export interface RedisServer {
    readonly host: string;
    readonly port: number;
    readonly password: string;
}

/**
 * A Redis or Sentinel pod: Redis, and the exporter beside it. What breaks something ends when it is broken; what
 * repairs it ends when it has been started again.
 */
export interface Pod {
    readonly name: string;
    /** Where Redis answers while it runs. */
    readonly server: RedisServer;
    /** Ends Redis and its exporter; the pod does not come back by itself. */
    kill(): Promise<void>;
    start(): Promise<void>;
    /** Ends Redis and keeps it from starting again; the exporter goes on. */
    stopRedis(): Promise<void>;
    startRedis(): Promise<void>;
    /** Ends the exporter and keeps it from starting again; Redis goes on. */
    killExporter(): Promise<void>;
    startExporter(): Promise<void>;
}

/** Where drills take place: real Redis, exporters, Prometheus and Alertmanager with what the program generates for prod. */
export interface Stage {
    readonly prometheusUrl: string;
    /** What is real here and what is not, a line each. */
    readonly description: readonly string[];
    /** Names of all pods. */
    readonly pods: readonly string[];
    /** The pod of a workload (its label `app`) by its number, as in a StatefulSet. Throws when there is none. */
    pod(app: string, index: number): Pod;
    /** Throws when something has ended that no drill ended. */
    check(): void;
    killPrometheus(): Promise<void>;
    startPrometheus(): Promise<void>;
}

/** The pod of a workload by its number. Throws with those that there are when there is none. */
export function findPod<P extends Pod>(pods: readonly P[], app: string, index: number): P {
    const name = `${app}-${index}`;
    const pod = pods.find((each) => each.name === name);
    if (pod === undefined) {
        throw new Error(`no pod ${name}; there are ${pods.map((each) => each.name).join(", ")}`);
    }
    return pod;
}
