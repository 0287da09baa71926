import * as fs from "node:fs";
import * as path from "node:path";

import { parseDocument } from "yaml";
import { z } from "zod";

import { Problem, show, suggestion } from "../settings/problems";
import { name, text } from "../settings/scalars";
import { chartAlertSettings } from "./chartAlerts";
import { losesPlace, PLACES } from "./extraRuleLabels";
import { alertSettings } from "./rules/settings";
import { SEVERITIES } from "./severity";

/** Rules of the stack's owner: a folder of files as Prometheus reads them. */
export const extraRules = z.strictObject({
    folder: text({
        kind: "path",
        reader: "the program, from the folder of Pulumi.yaml on",
        allowed: "the path of a folder with files that end with .yaml",
        is: (each) => /^[^\0]{1,1024}$/.test(each) && each.trim() === each,
    }).describe("Folder with files of rules as Prometheus reads them, each with `groups`"),
    metrics: z
        .array(
            text({
                kind: "metric",
                reader: "Prometheus",
                allowed:
                    "the name of a metric, with _bucket, _sum and _count where it is a histogram's",
                is: (each) => METRIC.test(each),
            }),
        )
        .meta({ kind: "list of metrics" })
        .describe("Metrics of your own that these rules read")
        .default([]),
    team: name
        .meta({ otherwise: "`alerting.team`" })
        .describe("Label `team` of these alerts")
        .optional(),
});

export type ExtraRules = z.output<typeof extraRules>;

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** A rule as it stands in a file; an alert or a recording rule. */
export interface WrittenRule {
    readonly alert?: string;
    readonly record?: string;
    readonly expr: string;
    readonly for?: string;
    readonly keep_firing_for?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

export interface WrittenGroup {
    readonly name: string;
    readonly interval?: string;
    readonly limit?: number;
    readonly rules: readonly WrittenRule[];
}

/** A rule, and where it stands: `rules/shop/orders.yaml, group orders, OrdersSlow`. */
export interface PlacedRule {
    readonly place: string;
    readonly rule: WrittenRule;
}

/** Where relative paths of the configuration start: the folder of Pulumi.yaml. */
const PROJECT_FOLDER = path.resolve(__dirname, "../..");

/** The groups of a folder, in the order of its files' names. Throws where a file cannot be read or has no groups. */
export function writtenGroups({ folder }: Pick<ExtraRules, "folder">): WrittenGroup[] {
    return filesOf(folder).flatMap((file) => groupsOf(path.join(folder, file)));
}

/** Every rule of a folder that has the right form. */
export function writtenRules({ folder }: Pick<ExtraRules, "folder">): PlacedRule[] {
    return filesOf(folder).flatMap((file) =>
        groupsOf(path.join(folder, file)).flatMap((group) =>
            group.rules.map((rule) => ({
                place: `${path.join(folder, file)}, group ${group.name}, ${rule.alert ?? rule.record ?? "a rule"}`,
                rule,
            })),
        ),
    );
}

/** The spec of the PrometheusRule: the owner's groups, with the environment and the team of every alert. */
export function extraRuleSpec(own: ExtraRules, environment: string, team: string): object {
    const labels = { environment, team: own.team ?? team };
    return {
        groups: writtenGroups(own).map((group) => ({
            ...group,
            rules: group.rules.map((rule) =>
                rule.alert === undefined
                    ? rule
                    : { ...rule, labels: { ...labels, ...rule.labels } },
            ),
        })),
    };
}

/** What is wrong in the files of a folder, but for the metrics, which need the catalogue: of each rule the first finding. */
export function extraRuleProblems(all: Readonly<Record<string, ExtraRules>>): Problem[] {
    const taken = new Map<string, string>();
    return Object.entries(all).flatMap(([key, own]) => {
        const at = `alerting.extraRules.${key}`;
        let rules: PlacedRule[];
        try {
            rules = writtenRules(own);
        } catch (error) {
            return [{ path: `${at}.folder`, got: show(own.folder), allowed: reason(error) }];
        }
        const groups = writtenGroups(own).map((group) => group.name);
        const twice = groups.find((group, i) => groups.indexOf(group) < i);
        return [
            ...(twice === undefined
                ? []
                : [
                      {
                          path: `${at}.folder`,
                          got: `two groups ${show(twice)}`,
                          allowed: "each group once in a folder: Prometheus refuses the second",
                      },
                  ]),
            ...rules.flatMap(({ place, rule }) => {
                const found = ruleProblem(rule) ?? nameTaken(rule, taken, at);
                if (rule.alert !== undefined) {
                    taken.set(rule.alert, at);
                }
                return found
                    ? [
                          {
                              path: `${at}.folder`,
                              got: `${place}: ${found.got}`,
                              allowed: found.allowed,
                          },
                      ]
                    : [];
            }),
        ];
    });
}

type Finding = Omit<Problem, "path">;

function ruleProblem(rule: WrittenRule): Finding | undefined {
    const { alert, record, labels = {}, annotations = {} } = rule;
    if ((alert === undefined) === (record === undefined)) {
        return {
            got: "neither an alert nor a recording rule, or both",
            allowed: "one of `alert` and `record`",
        };
    }
    const unknown = Object.keys(rule).find((key) => !RULE_KEYS.includes(key));
    if (unknown !== undefined) {
        return {
            got: `the key ${show(unknown)}`,
            allowed: `${suggestion(unknown, RULE_KEYS)}allowed: ${RULE_KEYS.join(", ")}`,
        };
    }
    if (typeof rule.expr !== "string" || rule.expr.trim() === "") {
        return { got: "no expression", allowed: "`expr`, an expression of PromQL" };
    }
    const time = (["for", "keep_firing_for"] as const).find(
        (key) => rule[key] !== undefined && !DURATION.test(String(rule[key])),
    );
    if (time !== undefined) {
        return {
            got: `${time}: ${show(rule[time])}`,
            allowed: "a duration of Prometheus such as 30s, 5m or 1h30m",
        };
    }
    if (record !== undefined) {
        return METRIC.test(record)
            ? undefined
            : {
                  got: `record: ${show(record)}`,
                  allowed: "the name of a metric, such as shop:orders:rate5m",
              };
    }
    if (!(SEVERITIES as readonly string[]).includes(labels.severity ?? "")) {
        return {
            got: `the severity ${show(labels.severity)}`,
            allowed: `labels.severity, by which routes take alerts: ${SEVERITIES.join(", ")}`,
        };
    }
    if (annotations.summary === undefined) {
        return { got: "no summary", allowed: "annotations.summary, which messages show" };
    }
    return PLACES.some((label) => label in labels) || !losesPlace(rule.expr)
        ? undefined
        : {
              got: "an expression that keeps neither namespace nor node",
              allowed:
                  "one of them in the expression, such as by (namespace), or labels.namespace: titles, dashboards and routes go by it",
          };
}

/** Prometheus' own, of several units: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations. */
const DURATION = /^(0|(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$/;

const RULE_KEYS = ["alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"];

/** Inhibitions, silences, runbooks and dashboards know alerts by their names. */
function nameTaken(
    { alert }: WrittenRule,
    taken: ReadonlyMap<string, string>,
    at: string,
): Finding | undefined {
    if (alert === undefined) {
        return undefined;
    }
    const other = taken.get(alert);
    const owner =
        alert in alertSettings.unwrap().shape
            ? "this stack"
            : alert in chartAlertSettings
              ? "kube-prometheus-stack"
              : other !== undefined && other !== at
                ? other
                : undefined;
    return owner === undefined
        ? undefined
        : { got: "the name of another alert", allowed: `a name of its own: ${owner} has this one` };
}

function filesOf(folder: string): string[] {
    const files = fs
        .readdirSync(path.resolve(PROJECT_FOLDER, folder))
        .filter((file) => /\.ya?ml$/.test(file))
        .sort();
    if (files.length === 0) {
        throw new Error("a folder with files that end with .yaml: there is none in it");
    }
    return files;
}

function groupsOf(file: string): WrittenGroup[] {
    const document = parseDocument(fs.readFileSync(path.resolve(PROJECT_FOLDER, file), "utf8"));
    const [error] = document.errors;
    if (error) {
        throw new Error(`files of YAML: ${file}: ${error.message.split("\n")[0]}`);
    }
    const { groups } = (document.toJS() ?? {}) as { groups?: unknown };
    if (!Array.isArray(groups) || !groups.every(isGroup)) {
        throw new Error(
            `files as Prometheus reads them, with groups, each with a name and rules: ${file} has others`,
        );
    }
    return groups;
}

function isGroup(value: unknown): value is WrittenGroup {
    const { name: group, rules } = (value ?? {}) as Record<string, unknown>;
    return (
        typeof group === "string" &&
        Array.isArray(rules) &&
        rules.every((rule) => typeof rule === "object" && rule !== null)
    );
}

function reason(error: unknown): string {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR"
        ? "a folder with files of rules, its path from the folder of Pulumi.yaml on; there is none"
        : message;
}
