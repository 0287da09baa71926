import * as pulumi from "@pulumi/pulumi";

/** What a provider would answer offline: the inputs, and a stand-in for each value that only it can make. */
export function answerResource(
    args: pulumi.runtime.MockResourceArgs,
    stackOutputs: Readonly<Record<string, Record<string, unknown>>>,
): { id: string; state: Record<string, unknown> } {
    const inputs = args.inputs as Record<string, unknown>;
    const id = `${args.name}-id`;
    switch (args.type) {
        case "random:index/randomPassword:RandomPassword":
            return { id, state: { ...inputs, result: secret(args.name) } };
        case "tls:index/privateKey:PrivateKey":
            return { id, state: { ...inputs, privateKeyPem: secret(args.name) } };
        case "tls:index/selfSignedCert:SelfSignedCert":
            return { id, state: { ...inputs, certPem: `generated-${args.name}` } };
        case "pulumi:index:Stash":
            return { id, state: { ...inputs, output: inputs.input } };
        case "pulumi:pulumi:StackReference": {
            const name = String(inputs.name);
            const outputs = stackOutputs[name];
            if (!outputs) {
                throw new Error(`unknown stack "${name}"`);
            }
            return { id: name, state: { name, outputs, secretOutputNames: [] } };
        }
        default:
            return { id, state: inputs };
    }
}

/** Secret, as the provider marks it: what the program makes of it is secret too. */
function secret(name: string): pulumi.Output<string> {
    return pulumi.secret(`generated-${name}`);
}

/** The CRDs that the Redis operator's chart carries, by name: the chart itself is not at hand offline. */
const REDIS_CRDS = {
    redis: "Redis",
    redisclusters: "RedisCluster",
    redisreplications: "RedisReplication",
    redissentinels: "RedisSentinel",
};

/** What the state of the stack's last update holds: type and outputs, by URN. */
export type RecordedResources = Readonly<
    Record<string, { readonly type: string; readonly outputs: Record<string, unknown> }>
>;

/** Answers the functions that the program calls: reading its state, and the CRDs of the Redis operator's chart. */
export function answerCall(
    { token, inputs }: pulumi.runtime.MockCallArgs,
    recorded: RecordedResources = {},
): Record<string, unknown> {
    if (token === "pulumi:pulumi:readStackResourceOutputs") {
        const { stackName } = inputs as { stackName: string };
        return { name: stackName, outputs: recorded };
    }
    if (token !== "kubernetes:helm:template") {
        throw new Error(`the program called ${token}, which has no offline answer; add one`);
    }
    const group = "redis.redis.opstreelabs.in";
    return {
        result: Object.entries(REDIS_CRDS).map(([plural, kind]) => ({
            apiVersion: "apiextensions.k8s.io/v1",
            kind: "CustomResourceDefinition",
            metadata: { name: `${plural}.${group}` },
            spec: { group, names: { plural, kind }, scope: "Namespaced", versions: [] },
        })),
    };
}

/** Outputs of any stack that a tenant names: offline there is no owner to ask. */
export const OFFLINE_OWNER: Readonly<Record<string, Record<string, unknown>>> = new Proxy(
    {},
    {
        get: () => ({
            endpoints: "the owner's endpoints",
            wiring: {
                prometheus: { namespace: "monitoring", podLabels: {} },
                redisOperator: { namespace: "redis-operator-system", podLabels: {} },
            },
        }),
    },
);
