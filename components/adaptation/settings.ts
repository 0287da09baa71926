import { z } from "zod";

import {
    affinity,
    labels,
    priorityClassName,
    tolerations,
    topologySpread,
} from "../kubernetes/placement";
import { leafPaths } from "../kubernetes/customSpec";
import type { Part, SettingsOf } from "../settings/part";
import { Problem, show, suggestion } from "../settings/problems";
import { parseQuantity } from "../settings/quantity";
import {
    annotationKey,
    annotationValue,
    cpu,
    freeText,
    memory,
    objectName,
} from "../settings/scalars";
import { CHART_ADAPTATIONS } from "./charts";
import { Component, COMPONENTS } from "./components";
import { helmValueProblems, RELEASES } from "./helmValues";
import type { Fields } from "./overlay";
import {
    imageDigest,
    imageReference,
    imageRepository,
    registryOrEmpty,
    taggedImage,
} from "./imageSettings";
import { parseImage, pathBelow, repositoryOf } from "./images";
import { FIXED_TAGS, ownRepositories } from "./ownImages";

/** What selectors of ours, of charts and of operators rest on. */
const RESERVED_LABELS =
    /^(app|app\.kubernetes\.io\/.*|.*\bkubernetes\.io\/.*|.*k8s\.elastic\.co\/.*|release|role|redis_setup_type|redis-role|name|component|instance|prometheus|alertmanager|jobLabel|chart|heritage|helm\.sh\/.*|operator\.prometheus\.io\/.*|grafana_dashboard|grafana_datasource)$/;

const placement = z.strictObject({
    nodeSelector: labels.describe("Labels of nodes, beside `kubernetes.io/os: linux`").optional(),
    tolerations: tolerations
        .describe("Taints of nodes that do not matter, as in a pod; in place of those that we set")
        .optional(),
    affinity: affinity.describe("As in a pod").optional(),
    priorityClassName: priorityClassName.optional(),
    topologySpread: topologySpread
        .describe(
            "How pods of one workload spread, each with `topologyKey`, `maxSkew` and `whenUnsatisfiable`; the selector is ours",
        )
        .optional(),
});

const amounts = z.strictObject({
    cpu: cpu.optional(),
    memory: memory("16Mi", "no program of a component starts with less").optional(),
});
const resources = z.strictObject({
    requests: amounts.meta({ kind: "cpu and memory", whole: true }).describe("Requests").optional(),
    limits: amounts
        .meta({ kind: "cpu and memory", whole: true })
        .describe("Limits; one below a request of yours is raised to it")
        .optional(),
});

const helmKey = freeText("charts have keys of their own, to which these are compared");

const scheduled = ["default", ...COMPONENTS] as const;

/** Their programs share a pod, and what they hold decides how much they need. */
const SIZED_BY_DATA: readonly Component[] = ["backup", "jaegerJobs"];
const sized = COMPONENTS.filter((each) => !SIZED_BY_DATA.includes(each));

const keys = {
    scheduling: z
        .partialRecord(z.enum(scheduled), placement)
        .meta({ entry: "component" })
        .describe(
            "Where pods run: `default` for all, and each component's own fields over it; see [adapting](adapting.md)",
        )
        .default({}),
    resources: z
        .partialRecord(z.enum(sized), resources)
        .meta({ entry: "component" })
        .describe("Requests and limits of a component's main container, over ours")
        .default({}),
    images: z
        .strictObject({
            registry: registryOrEmpty
                .describe("In place of the host of every image; a path may follow the host")
                .default(""),
            pullSecrets: z
                .array(objectName)
                .meta({ kind: "list of names" })
                .describe("Secrets of type dockerconfigjson that are in each namespace of ours")
                .default([]),
            overrides: z
                .record(imageRepository, imageReference)
                .meta({ kind: "map by repository" })
                .describe(
                    "Another image by its repository, such as `docker.io/grafana/grafana`; without a tag, the tag stays",
                )
                .default({}),
            digests: z
                .record(taggedImage, imageDigest)
                .meta({ kind: "map by image" })
                .describe(
                    "Digest by image with its tag, such as `docker.io/grafana/grafana:13.2.0`",
                )
                .default({}),
        })
        .describe("Registry, pull Secrets, other images and digests")
        .prefault({}),
    helmValues: z
        .partialRecord(z.enum(RELEASES), z.record(helmKey, z.unknown()))
        .meta({ kind: "values by release" })
        .describe(
            "Values of a chart beside ours, by the release's name; what wiring, security or retention rest on is refused with what to set instead",
        )
        .default({}),
    commonLabels: labels
        .describe("On every object and pod but Redis, which a changed label would restart")
        .default({}),
    commonAnnotations: z
        .record(annotationKey, annotationValue)
        .meta({ kind: "annotations" })
        .describe("On every object that we make, and on every pod but those of Redis")
        .default({}),
};

export type AdaptationSettings = SettingsOf<typeof keys> & {
    readonly cluster: { readonly platform: string };
    readonly redis: Readonly<
        Record<string, { readonly instances: Readonly<Record<string, Specced>> }>
    >;
    readonly elasticsearch: Specced;
    readonly kibana: Specced;
    readonly existing: {
        readonly prometheus?:
            { readonly objectLabels: Readonly<Record<string, string>> } | undefined;
    };
};
/** A setting with fields of a custom resource. */
interface Specced {
    readonly spec?: Fields | undefined;
    /** Of a Redis with Sentinels. */
    readonly sentinelSpec?: Fields | undefined;
}
export type Placement = z.output<typeof placement>;
export type ComponentResources = z.output<typeof resources>;

/** What is adapted of everything that the parts make. */
export const adaptationPart: Part<typeof keys, AdaptationSettings> = {
    keys,
    problems: (settings) => [
        ...labelProblems(settings),
        ...imageProblems(settings),
        ...strayImages(settings),
        ...resourceProblems(settings),
        ...spreadProblems(settings),
        ...helmValueProblems(settings.helmValues),
    ],
};

function labelProblems({ commonLabels, commonAnnotations }: AdaptationSettings): Problem[] {
    return [
        ...Object.keys(commonLabels)
            .filter((key) => RESERVED_LABELS.test(key))
            .map((key) => ({
                path: `commonLabels.${key}`,
                got: show(commonLabels[key]),
                allowed:
                    "another key: selectors of Services, monitors or operators rest on this one",
            })),
        ...Object.keys(commonAnnotations)
            .filter((key) => /^(pulumi\.com|helm\.sh|.*opstreelabs\.in|observability)\//.test(key))
            .map((key) => ({
                path: `commonAnnotations.${key}`,
                got: show(commonAnnotations[key]),
                allowed:
                    "another key: Pulumi, Helm, the Redis operator or this program act on this one",
            })),
    ];
}

/** Repositories of every image that may run. */
export function knownRepositories(): string[] {
    const charts = Object.values(CHART_ADAPTATIONS).flatMap(({ images }) =>
        images.map(({ repository }) => repository),
    );
    return [...new Set([...ownRepositories(), ...charts])].sort();
}

function imageProblems({ images }: AdaptationSettings): Problem[] {
    const known = knownRepositories();
    const unknown = (path: string, repository: string): Problem[] =>
        known.includes(repository)
            ? []
            : [
                  {
                      path,
                      got: "an image that nothing here runs",
                      allowed: `${suggestion(repository, known)}allowed: ${known.join(", ")}`,
                  },
              ];
    return [
        ...Object.entries(images.overrides).flatMap(([repository, image]) => {
            const path = `images.overrides.${repository}`;
            return [
                ...unknown(path, repository),
                ...overrideProblems(path, repository, image, images),
            ];
        }),
        ...Object.keys(images.digests).flatMap((image) => {
            const path = `images.digests.${image}`;
            return parseImage(image) ? unknown(path, repositoryOf(image)) : [];
        }),
    ];
}

function overrideProblems(
    path: string,
    repository: string,
    image: string,
    { registry }: AdaptationSettings["images"],
): Problem[] {
    const reference = parseImage(image);
    const problem = (allowed: string): Problem[] => [{ path, got: show(image), allowed }];
    if (!reference) {
        return [];
    }
    if (registry && pathBelow(registry, `${reference.host}/${reference.path}`) === undefined) {
        return problem(
            `an image below images.registry (${registry}), or no images.registry: nodes may pull from nowhere else`,
        );
    }
    const fixed = FIXED_TAGS[repository];
    return fixed && reference.tag !== undefined
        ? problem(`the same without the tag ${reference.tag}: ${fixed}`)
        : [];
}

/** Images that values of charts and fields of custom resources name: nodes may pull from the registry alone. */
function strayImages(settings: AdaptationSettings): Problem[] {
    const { registry } = settings.images;
    if (!registry) {
        return [];
    }
    const instances = Object.entries(settings.redis).flatMap(([namespace, { instances: all }]) =>
        Object.entries(all).flatMap(([name, specs]) =>
            (["spec", "sentinelSpec"] as const).map(
                (key) => [`redis.${namespace}.instances.${name}.${key}`, specs[key]] as const,
            ),
        ),
    );
    const written: readonly (readonly [string, unknown])[] = [
        ...Object.entries(settings.helmValues).map(
            ([release, values]) => [`helmValues.${release}`, values] as const,
        ),
        ["elasticsearch.spec", settings.elasticsearch.spec],
        ["kibana.spec", settings.kibana.spec],
        ...instances,
    ];
    return written.flatMap(([path, values]) =>
        leafPaths(values).flatMap(({ path: keys, value }) => {
            const image = keys.at(-1) === "image" && parseImage(String(value));
            return image && pathBelow(registry, `${image.host}/${image.path}`) === undefined
                ? [
                      {
                          path: [path, ...keys].join("."),
                          got: show(value),
                          allowed: `an image below images.registry (${registry}), or no images.registry: nodes may pull from nowhere else`,
                      },
                  ]
                : [];
        }),
    );
}

/** Settings of a part that say the same, by component and amount. */
const OWN_SETTING: Partial<Record<Component, Readonly<Record<string, string>>>> = {
    prometheus: { memory: "prometheus.memory" },
    elasticsearch: { memory: "elasticsearch.memory" },
    kibana: { memory: "kibana.memory" },
    jaegerCollector: { memory: "jaeger.collector.memory" },
    redis: {
        memory: "redis.<namespace>.instances.<name>.memory",
        cpu: "redis.<namespace>.instances.<name>.cpu",
    },
};

function resourceProblems({ resources: all }: AdaptationSettings): Problem[] {
    return Object.entries(all).flatMap(([component, { requests = {}, limits = {} }]) => {
        const own = OWN_SETTING[component as Component] ?? {};
        const problems = (["requests", "limits"] as const).flatMap((kind) =>
            (["cpu", "memory"] as const)
                .filter((amount) => ({ requests, limits })[kind][amount] !== undefined)
                .filter((amount) => own[amount] && !(kind === "limits" && amount === "cpu"))
                .map((amount) => ({
                    path: `resources.${component}.${kind}.${amount}`,
                    got: show({ requests, limits }[kind][amount]),
                    allowed: `nothing here: set ${own[amount]}, on which other sizes rest`,
                })),
        );
        const above = (["cpu", "memory"] as const)
            .filter((amount) => {
                const [request, limit] = [requests[amount], limits[amount]];
                return request && limit && size(request) > size(limit);
            })
            .map((amount) => ({
                path: `resources.${component}.requests.${amount}`,
                got: show(requests[amount]),
                allowed: `at most its limit, ${limits[amount]}`,
            }));
        return [...problems, ...above];
    });
}

function size(text: string): number {
    return parseQuantity(text) ?? 0;
}

/** Charts that take no spread, and Jobs, which are one pod each. */
const WITHOUT_SPREAD: readonly Component[] = COMPONENTS.filter((component) =>
    [
        "prometheusOperator",
        "nodeExporter",
        "fluentBit",
        "fluentBitEvents",
        "redisOperator",
        "redisJobs",
        "elasticOperator",
        "backup",
        "elasticsearchSetup",
        "jaegerJobs",
    ].includes(component),
);

function spreadProblems({ scheduling }: AdaptationSettings): Problem[] {
    return WITHOUT_SPREAD.filter((component) => scheduling[component]?.topologySpread).map(
        (component) => ({
            path: `scheduling.${component}.topologySpread`,
            got: "constraints for pods that take none",
            allowed:
                "nothing: its chart has no place for them, or it is one pod, or one on each node",
        }),
    );
}
