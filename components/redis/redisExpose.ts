import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { PART_OF } from "../kubernetes/labels";
import { allowIngress, fromRanges } from "../kubernetes/wiring";
import { Problem, show } from "../settings/problems";
import { annotationKey, annotationValue, cidr, objectName, whole } from "../settings/scalars";
import type { RedisInstanceSettings } from "./instanceSettings";
import { OPERATOR_LABEL } from "./redisPods";

/** A Service for clients outside of the cluster. */
export const redisExpose = z.strictObject({
    type: z
        .enum(["LoadBalancer", "NodePort"])
        .describe("Kind of the Service, which leads to the Redis that takes writes"),
    from: z
        .array(cidr)
        .min(1, { error: "allowed: one range of addresses or more" })
        .describe("Addresses of the clients; nobody else gets in"),
    hosts: z
        .array(objectName)
        .describe("Names by which they call it, for a certificate that is made here")
        .default([]),
    nodePort: whole(30000, 32767)
        .meta({ otherwise: "the cluster chooses" })
        .describe("With `NodePort`: the port on every node")
        .optional(),
    annotations: z
        .record(annotationKey, annotationValue)
        .meta({ kind: "annotations" })
        .describe("With `LoadBalancer`: what the cloud's controller reads")
        .default({}),
});

type Exposed = NonNullable<RedisInstanceSettings["expose"]>;

const PORT = 6379;

/** The Service of an instance that is exposed. */
export function exposedName(instance: string): string {
    return `${instance}-external`;
}

/** Makes that Service, and lets its clients in. */
export function exposeRedis(
    name: string,
    args: {
        readonly instance: string;
        readonly namespace: pulumi.Input<string>;
        readonly mode: RedisInstanceSettings["mode"];
        readonly expose: Exposed;
    },
    opts: pulumi.CustomResourceOptions,
): void {
    const { instance, namespace, mode, expose } = args;
    const balanced = expose.type === "LoadBalancer";
    new k8s.core.v1.Service(
        `${name}-service`,
        {
            metadata: {
                name: exposedName(instance),
                namespace,
                labels: PART_OF,
                annotations: {
                    ...expose.annotations,
                    // The operator makes its pods later, and an address comes from somebody else.
                    "pulumi.com/skipAwait": "true",
                },
            },
            spec: {
                type: expose.type,
                // The operator labels the master.
                selector: {
                    app: instance,
                    [OPERATOR_LABEL]: mode,
                    ...(mode === "replication" ? { "redis-role": "master" } : {}),
                },
                ports: [
                    {
                        name: "redis",
                        port: PORT,
                        targetPort: PORT,
                        ...(expose.nodePort === undefined ? {} : { nodePort: expose.nodePort }),
                    },
                ],
                // Otherwise clients have the address of a node.
                externalTrafficPolicy: "Local",
                ...(balanced ? { loadBalancerSourceRanges: expose.from } : {}),
            },
        },
        opts,
    );
    allowIngress(
        name,
        {
            from: fromRanges(expose.from),
            to: [{ workload: { namespace, podLabels: { app: instance } }, port: PORT }],
        },
        opts,
    );
}

/** Why clients outside cannot use a mode. */
const INSIDE_ONLY: Readonly<Partial<Record<RedisInstanceSettings["mode"], string>>> = {
    sentinel:
        "Sentinel tells clients the address of the master's pod, which nobody outside can reach: use replication, or clients inside the cluster",
    cluster:
        "a cluster sends clients from pod to pod, whose addresses nobody outside can reach: use standalone or replication, or clients inside the cluster",
};

/** What is wrong in how an instance is exposed; `path` is the instance's. */
export function exposeProblems(
    path: string,
    { expose, mode, tls }: RedisInstanceSettings,
): Problem[] {
    if (!expose) {
        return [];
    }
    const refused = (key: string, got: unknown, allowed: string): Problem => ({
        path: `${path}.expose${key}`,
        got: show(got),
        allowed,
    });
    const inside = INSIDE_ONLY[mode];
    if (inside !== undefined) {
        return [refused("", expose.type, `nothing with mode ${mode}: ${inside}`)];
    }
    const annotated = Object.keys(expose.annotations);
    return [
        ...(tls
            ? []
            : [
                  refused(
                      "",
                      expose.type,
                      "nothing without tls: passwords and data would leave the cluster in clear",
                  ),
              ]),
        ...(tls?.secret !== undefined && expose.hosts.length > 0
            ? [
                  refused(
                      ".hosts",
                      expose.hosts,
                      "nothing with tls.secret: the names are in the certificate that you make",
                  ),
              ]
            : []),
        ...(expose.nodePort !== undefined && expose.type !== "NodePort"
            ? [
                  refused(
                      ".nodePort",
                      expose.nodePort,
                      "nothing with LoadBalancer, or type: NodePort",
                  ),
              ]
            : []),
        ...(annotated.length > 0 && expose.type !== "LoadBalancer"
            ? [
                  refused(
                      ".annotations",
                      annotated,
                      "nothing with NodePort, or type: LoadBalancer: no controller reads them",
                  ),
              ]
            : []),
    ];
}
