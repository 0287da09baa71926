import { z } from "zod";

import { labelKey, labelValue, namespace, objectName, whole } from "../settings/scalars";

/** Where pods may be, as the API server checks it: what it refuses is refused before anything is registered. */

export const labels = z.record(labelKey, labelValue).meta({ kind: "labels" });

const toleration = z
    .strictObject({
        key: labelKey.optional(),
        operator: z.enum(["Equal", "Exists"]).optional(),
        value: labelValue.optional(),
        effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
        tolerationSeconds: whole(0).optional(),
    })
    .refine(({ key, operator }) => operator === "Exists" || key !== undefined, {
        error: "allowed: a key with its value, or operator: Exists, which alone tolerates every taint",
    })
    .refine(({ operator, value }) => operator !== "Exists" || value === undefined, {
        error: "allowed: no value with operator: Exists",
    })
    .refine(
        ({ effect, tolerationSeconds }) =>
            tolerationSeconds === undefined || effect === "NoExecute",
        { error: "allowed: tolerationSeconds with effect: NoExecute only" },
    );
export const tolerations = z.array(toleration).meta({ kind: "list of tolerations" });

export const priorityClassName = objectName.describe("A PriorityClass that is there");

const NUMBERED = ["Gt", "Lt"];
const VALUELESS = ["Exists", "DoesNotExist"];

/** `key`, `operator` and `values`, which go together. */
function expression<const O extends readonly string[]>(operators: O) {
    return z
        .strictObject({
            key: labelKey,
            operator: z.enum(operators),
            values: z.array(labelValue).optional(),
        })
        .refine(
            ({ operator, values = [] }) =>
                VALUELESS.includes(operator)
                    ? values.length === 0
                    : NUMBERED.includes(operator)
                      ? values.length === 1 && /^\d+$/.test(values[0] ?? "")
                      : values.length > 0,
            {
                error: "allowed: values with In and NotIn, one whole number in quotes with Gt and Lt, none with Exists and DoesNotExist",
            },
        );
}

const nodeTerm = z
    .strictObject({
        matchExpressions: z
            .array(expression(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]))
            .optional(),
        matchFields: z
            .array(
                z.strictObject({
                    key: z.literal("metadata.name"),
                    operator: z.enum(["In", "NotIn"]),
                    values: z.array(objectName).length(1, { error: "allowed: the name of a node" }),
                }),
            )
            .optional(),
    })
    .refine(
        ({ matchExpressions = [], matchFields = [] }) =>
            matchExpressions.length + matchFields.length > 0,
        { error: "allowed: matchExpressions or matchFields: a term without any takes no node" },
    );

const labelSelector = z.strictObject({
    matchLabels: labels.optional(),
    matchExpressions: z.array(expression(["In", "NotIn", "Exists", "DoesNotExist"])).optional(),
});

const podTerm = z
    .strictObject({
        labelSelector: labelSelector.optional(),
        topologyKey: labelKey,
        namespaces: z.array(namespace).optional(),
        namespaceSelector: labelSelector.optional(),
        matchLabelKeys: z.array(labelKey).optional(),
        mismatchLabelKeys: z.array(labelKey).optional(),
    })
    .refine(
        ({ labelSelector: selector, matchLabelKeys, mismatchLabelKeys }) =>
            selector !== undefined || (matchLabelKeys ?? mismatchLabelKeys) === undefined,
        { error: "allowed: matchLabelKeys and mismatchLabelKeys beside a labelSelector" },
    );

const weight = whole(1, 100);
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

const podTerms = z.strictObject({
    [REQUIRED]: z.array(podTerm).optional(),
    [PREFERRED]: z.array(z.strictObject({ weight, podAffinityTerm: podTerm })).optional(),
});

export const affinity = z
    .strictObject({
        nodeAffinity: z
            .strictObject({
                [REQUIRED]: z
                    .strictObject({
                        nodeSelectorTerms: z
                            .array(nodeTerm)
                            .min(1, { error: "allowed: a list with one term or more" }),
                    })
                    .optional(),
                [PREFERRED]: z.array(z.strictObject({ weight, preference: nodeTerm })).optional(),
            })
            .optional(),
        podAffinity: podTerms.optional(),
        podAntiAffinity: podTerms.optional(),
    })
    .meta({ kind: "affinity", whole: true });

const spread = z.strictObject({
    topologyKey: labelKey,
    maxSkew: whole(1).default(1),
    whenUnsatisfiable: z.enum(["ScheduleAnyway", "DoNotSchedule"]).default("ScheduleAnyway"),
});

export const topologySpread = z
    .array(spread)
    .min(1, { error: "allowed: a list with one constraint or more" })
    .refine(
        (all) =>
            new Set(all.map((each) => `${each.topologyKey} ${each.whenUnsatisfiable}`)).size ===
            all.length,
        { error: "allowed: a list with each topologyKey once for each whenUnsatisfiable" },
    )
    .meta({ kind: "list of constraints" });

export type Spread = z.output<typeof spread>;
