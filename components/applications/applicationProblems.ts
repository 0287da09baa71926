import { objectiveProblems } from "../alerting/slos/sloProblems";
import type { AlertSettings } from "../alerting/rules/settings";
import type { RedisMode } from "../redis/instanceSettings";
import { redisWorkloads } from "../redis/redisNames";
import { Problem, show } from "../settings/problems";
import { broken } from "../settings/read";
import type { Applications, ApplicationSettings, ScrapeSettings } from "./settings";

/** What the rules of applications read of other parts. */
export interface Declared {
    readonly cluster: { readonly role: "owner" | "tenant" };
    readonly redis: Readonly<
        Record<
            string,
            {
                readonly isolate: "redis" | "namespace";
                readonly instances: Readonly<Record<string, { readonly mode: RedisMode }>>;
            }
        >
    >;
    readonly mesh: { readonly istio?: { readonly mode: "sidecar" | "ambient" } | undefined };
    readonly retention: { readonly metrics: string };
    readonly alerting: { readonly rules: AlertSettings };
}

type Settings = Declared & {
    readonly applications: Applications;
    readonly scrape: ScrapeSettings;
};

/** Labels of an application's pods. */
export function selectorOf(
    name: string,
    { selector }: ApplicationSettings,
): Record<string, string> {
    return selector ?? { app: name };
}

/** The same of every set of its pods: of a canary, Flagger makes a second one that serves. */
export function selectorsOf(
    name: string,
    settings: ApplicationSettings,
): readonly Record<string, string>[] {
    const own = selectorOf(name, settings);
    return settings.canary ? [own, { app: primaryOf(name) }] : [own];
}

/** https://docs.flagger.app/usage/how-it-works#canary-target */
export function primaryOf(name: string): string {
    return `${name}-primary`;
}

/** Sidecars of an application, and the job that they are. */
export interface Proxies {
    readonly job: string;
    /** Value of the label `app` of their series. */
    readonly app: string;
    readonly podLabels: Record<string, string>;
    /** Whether there is always one: a canary has no pod while there is no new version. */
    readonly always: boolean;
}

/** The sidecars that are scraped: those of a canary and of what serves meanwhile are jobs of their own. */
export function proxiesOf(name: string, settings: ApplicationSettings): readonly Proxies[] {
    const { canary, mesh } = settings;
    const primary = primaryOf(name);
    if (canary) {
        return [
            { job: `${name}-canary`, app: name, podLabels: { app: name }, always: false },
            { job: primary, app: primary, podLabels: { app: primary }, always: true },
        ];
    }
    const podLabels = selectorOf(name, settings);
    return mesh ? [{ job: `${name}-mesh`, app: name, podLabels, always: true }] : [];
}

/** What is wrong with applications and annotated scraping. Returns every problem. */
export function applicationProblems(settings: Settings): Problem[] {
    return broken(settings, [
        emptyProblems,
        selectorProblems,
        redisProblems,
        portProblems,
        canaryProblems,
        meshProblems,
        proxyProblems,
        sloProblems,
        annotatedProblems,
    ]);
}

interface Declaration {
    readonly namespace: string;
    readonly name: string;
    readonly path: string;
    readonly application: ApplicationSettings;
}

function declarations({ applications }: Settings): Declaration[] {
    return Object.entries(applications).flatMap(([namespace, byName]) =>
        Object.entries(byName).map(([name, application]) => ({
            namespace,
            name,
            path: `applications.${namespace}.${name}`,
            application,
        })),
    );
}

/** No label selects every pod of the namespace. */
function emptyProblems(settings: Settings): Problem[] {
    return declarations(settings)
        .filter(({ application: { selector } }) => selector && Object.keys(selector).length === 0)
        .map(({ path, name }) => ({
            path: `${path}.selector`,
            got: "{}",
            allowed: `one label or more, or nothing for app: ${name}`,
        }));
}

/** Pods that two applications select would be scraped twice. */
function selectorProblems(settings: Settings): Problem[] {
    return declarations(settings).flatMap(({ namespace, name, path, application }, i, all) => {
        const own = Object.entries(selectorOf(name, application));
        const before = all
            .slice(0, i)
            .filter((each) => each.namespace === namespace && own.length > 0)
            .find((each) => {
                const others = Object.entries(selectorOf(each.name, each.application));
                return within(own, others) || within(others, own);
            });
        return before
            ? [
                  {
                      path: `${path}.selector`,
                      got: show(Object.fromEntries(own)),
                      allowed: `labels that only its pods have: ${before.name} selects some of the same, which would be scraped twice`,
                  },
              ]
            : [];
    });
}

type Pairs = readonly (readonly [string, string])[];

/** Whether what selects by `all` selects by `some` too. */
function within(some: Pairs, all: Pairs): boolean {
    return some.every(([key, value]) => all.some(([k, v]) => k === key && v === value));
}

function redisProblems(settings: Settings): Problem[] {
    return declarations(settings).flatMap(({ namespace, name, path, application }) => {
        const { app } = selectorOf(name, application);
        const instances = Object.entries(settings.redis[namespace]?.instances ?? {});
        const owner = instances.find(
            ([instance, { mode }]) => app && redisWorkloads(instance, mode).includes(app),
        );
        return owner
            ? [
                  {
                      path: `${path}.selector`,
                      got: show({ app }),
                      allowed: `labels of its own pods: those are of the Redis instance ${owner[0]}, which has a monitor`,
                  },
              ]
            : [];
    });
}

/** A NetworkPolicy opens a port of the pods, and nobody knows by which name they have a Service's. */
function portProblems(settings: Settings): Problem[] {
    return declarations(settings)
        .filter(({ namespace }) => settings.redis[namespace]?.isolate === "namespace")
        .filter(({ application: { service, port } }) => service && typeof port === "string")
        .map(({ namespace, path, application }) => ({
            path: `${path}.port`,
            got: show(application.port),
            allowed: `the number of the pods' port: redis.${namespace}.isolate closes every other, and the name is the Service's`,
        }));
}

function canaryProblems(settings: Settings): Problem[] {
    const { istio } = settings.mesh;
    return declarations(settings)
        .filter(({ application: { canary } }) => canary)
        .flatMap(({ path, name, application: { selector } }) => {
            const problem = (allowed: string): Problem[] => [
                { path: `${path}.canary`, got: "true", allowed },
            ];
            if (!istio) {
                return problem("false, or mesh.istio: its sidecars count the requests of a canary");
            }
            if (istio.mode === "ambient") {
                return problem(
                    "false with mesh.istio.mode ambient, where pods have no sidecar: the waypoint counts, and is a gateway of mesh.istio.gateways",
                );
            }
            return selector
                ? [
                      {
                          path: `${path}.selector`,
                          got: show(selector),
                          allowed: `nothing with canary: Flagger tells the two sets of pods apart by app: ${name} and app: ${primaryOf(name)}`,
                      },
                  ]
                : [];
        });
}

function meshProblems(settings: Settings): Problem[] {
    const { istio } = settings.mesh;
    return declarations(settings).flatMap(({ path, application: { canary, mesh } }) => {
        const problem = (allowed: string): Problem[] => [
            { path: `${path}.mesh`, got: show(mesh), allowed },
        ];
        if (canary) {
            return mesh === false
                ? problem("true or nothing with canary: the sidecars count the requests of both")
                : [];
        }
        if (!mesh) {
            return [];
        }
        if (!istio) {
            return problem("false, or mesh.istio: without a mesh its pods have no sidecar");
        }
        return istio.mode === "ambient"
            ? problem(
                  "false with mesh.istio.mode ambient, where pods have no sidecar: the waypoint counts, and is a gateway of mesh.istio.gateways",
              )
            : [];
    });
}

/** Its sidecars are jobs beside it, whose names others must leave to them. */
function proxyProblems(settings: Settings): Problem[] {
    const all = declarations(settings);
    return all.flatMap(({ namespace, name, path }) => {
        const owner = all.find(
            (each) =>
                each.namespace === namespace &&
                proxiesOf(each.name, each.application).some(({ job }) => job === name),
        );
        return owner
            ? [
                  {
                      path,
                      got: show(name),
                      allowed: `another name: ${name} is the job of the sidecars of ${owner.name}`,
                  },
              ]
            : [];
    });
}

function sloProblems(settings: Settings): Problem[] {
    return declarations(settings).flatMap(({ path, application: { slo } }) =>
        (["availability", "latency"] as const).flatMap((each) => {
            const objective = slo[each];
            return objective ? objectiveProblems(`${path}.slo.${each}`, objective, settings) : [];
        }),
    );
}

function annotatedProblems({ cluster, redis, scrape }: Settings): Problem[] {
    const { enabled, namespaces = [] } = scrape.annotated;
    if (enabled && cluster.role === "tenant") {
        return [
            {
                path: "scrape.annotated.enabled",
                got: show(enabled),
                allowed: "false in a tenant, whose owner scrapes them: set it in the owner's stack",
            },
        ];
    }
    return namespaces
        .filter((namespace) => redis[namespace]?.isolate === "namespace")
        .map((namespace) => ({
            path: "scrape.annotated.namespaces",
            got: show(namespace),
            allowed: `namespaces into which Prometheus may connect: redis.${namespace}.isolate closes it; declare what is in it in applications.${namespace}`,
        }));
}
