import type { Components } from "./componentSettings";

type Input = Readonly<Record<string, unknown>>;

/**
 * The settings of a part that is off need not be written. These stand for them, so that every part's settings have
 * their whole type; nothing is made of them. By the key, with the parts that must all be on to need it.
 */
const STAND_INS: Readonly<Record<string, readonly [parts: readonly (keyof Components)[], Input]>> =
    {
        prometheus: [
            ["prometheus"],
            { replicas: 1, storageSize: "1Ti", memory: "1Gi", expectedSeries: 1 },
        ],
        alertmanager: [["alertmanager"], { replicas: 1, storageSize: "1Gi" }],
        grafana: [["grafana"], { storageSize: "1Gi" }],
        redisOperator: [["redisOperator"], { replicas: 1, watchNamespaces: [] }],
        elasticsearch: [
            ["logging", "elasticsearch"],
            {
                nodes: 1,
                storageSize: "1Ti",
                memory: "2Gi",
                dailyLogVolume: "1Mi",
                dailyTraceVolume: "1Mi",
                snapshots: { type: "none" },
            },
        ],
        kibana: [["kibana"], { replicas: 1, memory: "2Gi" }],
        fluentBit: [
            ["logging"],
            {
                streams: { operator: { hourlyVolume: "1Mi" }, instance: { hourlyVolume: "1Mi" } },
                bufferSize: "1Gi",
            },
        ],
        jaeger: [
            ["tracing"],
            {
                collector: { minReplicas: 1, maxReplicas: 1, memory: "512Mi" },
                query: { replicas: 1 },
            },
        ],
    };

/** Keys that a stack without their part leaves out. */
export const MAY_BE_ABSENT = Object.keys(STAND_INS);

/** The input with what stands for the settings of parts that are off; what is written stays, and is checked. */
export function withStandIns(input: Input): Input {
    const components = (isMap(input.components) ? input.components : {}) as Partial<Components>;
    const absent = Object.entries(STAND_INS).filter(([, [parts]]) =>
        parts.some((part) => ["off", "existing"].includes(components[part] ?? "on")),
    );
    return {
        ...input,
        ...Object.fromEntries(
            absent.map(([key, [, standIn]]) => [
                key,
                { ...standIn, ...(isMap(input[key]) ? input[key] : {}) },
            ]),
        ),
    };
}

function isMap(value: unknown): value is Input {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
