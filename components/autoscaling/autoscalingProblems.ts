import type { RedisMode } from "../redis/instanceSettings";
import type { ExporterSettings } from "../redis/redisExporter";
import { Problem, show } from "../settings/problems";
import { broken } from "../settings/read";
import { queueKind } from "./queues";
import type { AutoscalingSettings, QueueSettings, ScalingSettings } from "./settings";

interface Instance {
    readonly mode: RedisMode;
    readonly exporter?: ExporterSettings | undefined;
    readonly config?: { readonly databases?: number | undefined } | undefined;
}

/** What the rules read of other parts. */
export interface Declared {
    readonly cluster: { readonly role: "owner" | "tenant" };
    readonly components: { readonly prometheus: "on" | "existing" };
    readonly redis: Readonly<
        Record<string, { readonly instances: Readonly<Record<string, Instance>> }>
    >;
    readonly applications: Readonly<
        Record<
            string,
            Readonly<Record<string, { readonly autoscaling?: ScalingSettings | undefined }>>
        >
    >;
}

type Settings = Declared & { readonly autoscaling: AutoscalingSettings };

/** What is wrong with the provider and with what is scaled. Returns every problem. */
export function autoscalingProblems(settings: Settings): Problem[] {
    return broken(settings, [
        providerProblems,
        unprovidedProblems,
        scalingProblems,
        sharedProblems,
        queueProblems,
    ]);
}

interface Scaled {
    readonly path: string;
    readonly namespace: string;
    readonly name: string;
    readonly scaling: ScalingSettings;
}

function scaledApplications({ applications }: Declared): Scaled[] {
    return Object.entries(applications).flatMap(([namespace, byName]) =>
        Object.entries(byName).flatMap(([name, { autoscaling }]) =>
            autoscaling
                ? [
                      {
                          path: `applications.${namespace}.${name}.autoscaling`,
                          namespace,
                          name,
                          scaling: autoscaling,
                      },
                  ]
                : [],
        ),
    );
}

const INSTALLED: readonly string[] = ["keda", "prometheus-adapter"];

function providerProblems({ autoscaling, cluster }: Settings): Problem[] {
    const { provider, existing } = autoscaling;
    if (cluster.role === "tenant" && INSTALLED.includes(provider)) {
        return [
            {
                path: "autoscaling.provider",
                got: show(provider),
                allowed:
                    "none, or existing where the owner has KEDA: a cluster has one provider, which the owner's stack installs",
            },
        ];
    }
    if (provider !== "existing") {
        return existing
            ? [
                  {
                      path: "autoscaling.existing",
                      got: "a second provider",
                      allowed: `nothing with provider ${provider}, or provider: existing: both would answer for external.metrics.k8s.io, and a cluster has one`,
                  },
              ]
            : [];
    }
    if (!existing) {
        return [
            {
                path: "autoscaling.existing",
                got: "nothing",
                allowed: "namespace and podLabels of the KEDA that is there, or another provider",
            },
        ];
    }
    return cluster.role === "tenant" && existing.prometheus === undefined
        ? [
              {
                  path: "autoscaling.existing.prometheus",
                  got: "nothing",
                  allowed:
                      "in a tenant, the URL of the owner's Prometheus: endpoints.prometheus.url of its outputs",
              },
          ]
        : [];
}

function unprovidedProblems(settings: Settings): Problem[] {
    return settings.autoscaling.provider === "none"
        ? scaledApplications(settings).map(({ path }) => ({
              path,
              got: "an application that nobody would scale",
              allowed:
                  "nothing, or autoscaling.provider: keda: nobody answers for the autoscaler's metrics",
          }))
        : [];
}

function scalingProblems(settings: Settings): Problem[] {
    const { provider } = settings.autoscaling;
    return scaledApplications(settings).flatMap(({ path, scaling: { min, max, ...by } }) => {
        const queues = Object.keys(by.queues).length;
        return [
            ...(min > max
                ? [
                      {
                          path: `${path}.min`,
                          got: show(min),
                          allowed: `at most ${max}, which is max`,
                      },
                  ]
                : []),
            ...(queues === 0 && by.cpu === undefined && by.memory === undefined
                ? [
                      {
                          path,
                          got: "nothing to scale by",
                          allowed: "cpu, memory or queues, or several of them",
                      },
                  ]
                : []),
            ...(min === 0 && (queues === 0 || provider === "prometheus-adapter")
                ? [
                      {
                          path: `${path}.min`,
                          got: "0",
                          allowed:
                              queues === 0
                                  ? "1 or more: pods that are not there use neither CPU nor memory, and nothing would start one"
                                  : "1 or more with prometheus-adapter: only KEDA starts the first pod",
                      },
                  ]
                : []),
        ];
    });
}

/** Two autoscalers of one Deployment undo what the other does. */
function sharedProblems(settings: Settings): Problem[] {
    const target = ({ name, scaling }: Scaled) => scaling.deployment ?? name;
    return scaledApplications(settings).flatMap((each, i, all) => {
        const before = all
            .slice(0, i)
            .find((other) => other.namespace === each.namespace && target(other) === target(each));
        return before
            ? [
                  {
                      path: `${each.path}.deployment`,
                      got: show(target(each)),
                      allowed: `a Deployment of its own: ${before.name} scales the same, and each would undo what the other does`,
                  },
              ]
            : [];
    });
}

function queueProblems(settings: Settings): Problem[] {
    return scaledApplications(settings).flatMap(({ path, namespace, scaling }) =>
        Object.entries(scaling.queues).flatMap(([name, queue]) => {
            const at = queue.namespace ?? namespace;
            const instance = settings.redis[at]?.instances[queue.instance];
            return instance
                ? exposureProblems(`${path}.queues.${name}`, queue, instance, {
                      exporter: `redis.${at}.instances.${queue.instance}.exporter`,
                  })
                : [
                      {
                          path: `${path}.queues.${name}.instance`,
                          got: show(`${at}/${queue.instance}`),
                          allowed: `an instance of redis.${at}.instances, or the namespace of one: Prometheus knows no other's keys by their names`,
                      },
                  ];
        }),
    );
}

/** What nobody exports cannot be counted. */
function exposureProblems(
    path: string,
    { db, key, group }: QueueSettings,
    { mode, exporter, config }: Instance,
    place: { readonly exporter: string },
): Problem[] {
    const databases = mode === "cluster" ? 1 : (config?.databases ?? 16);
    if (db >= databases) {
        return [
            {
                path: `${path}.db`,
                got: show(db),
                allowed: `0 to ${databases - 1}, the databases of the instance`,
            },
        ];
    }
    if (group !== undefined && key === undefined) {
        return [
            { path: `${path}.key`, got: "nothing", allowed: "the stream that the group reads" },
        ];
    }
    const kind = queueKind({ key, group });
    const list = kind === "stream" ? "checkStreams" : "checkSingleKeys";
    return key === undefined || exporter?.[list][key]?.db === db
        ? []
        : [
              {
                  path: `${path}.key`,
                  got: show(key),
                  allowed: `a ${kind} of ${place.exporter}.${list}, with the same db: add it there, without which its length is not exported`,
              },
          ];
}
