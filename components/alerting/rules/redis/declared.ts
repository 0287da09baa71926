import type { RecordingRule, RuleGroup } from "../../prometheusRule";
import type { AlertName } from "../settings";

/** A declared Redis workload whose exporters Prometheus must see. */
export interface DeclaredExporters {
    /** Value of the label `app`: the operator's name for the workload. */
    readonly app: string;
    readonly pods: number;
    /** Value of the label `redis_setup_type`: the operator's word for what the pods are. */
    readonly setupType: "standalone" | "replication" | "sentinel" | "cluster";
}

/** Numbers of an instance that replace the stack's, by alert and threshold, as rules compare them. */
export type Thresholds = Readonly<Partial<Record<AlertName, Readonly<Record<string, number>>>>>;

/** An instance as its namespace declares it. */
export interface DeclaredInstance {
    readonly instance: string;
    readonly workloads: readonly DeclaredExporters[];
    readonly thresholds: Thresholds;
}

/** Pods of a workload. The series are constants: what an instance declares is data, and the rules are the same for all. */
export const DECLARED_PODS = "redis:declared_pods";
/** Thresholds: those of the stack have no `app`, and an instance's have its workload's. */
export const ALERT_SETTING = "redis:alert_setting";

/** A constant changes with a deployment only; a sample a minute is always fresh enough to be read. */
export const CONSTANTS_INTERVAL = "1m";

/** What the instances of a namespace declare, as constant series. */
export function declaredRules(
    namespace: string,
    instances: readonly DeclaredInstance[],
    { environment, team }: { readonly environment: string; readonly team: string },
): RuleGroup {
    const rules = instances.flatMap(({ instance, workloads, thresholds }) =>
        workloads.flatMap(({ app, pods, setupType }): RecordingRule[] => {
            const identity = {
                namespace,
                app,
                instance_name: instance,
                redis_setup_type: setupType,
                environment,
                team,
            };
            return [
                { record: DECLARED_PODS, expr: `vector(${pods})`, labels: identity },
                ...(setupType === "sentinel" ? [] : settingRules(thresholds, identity)),
            ];
        }),
    );
    return { name: `redis-declared-${namespace}`, interval: CONSTANTS_INTERVAL, rules };
}

/** A constant series for each threshold. */
export function settingRules(
    thresholds: Thresholds,
    labels: Readonly<Record<string, string>>,
): RecordingRule[] {
    return Object.entries(thresholds).flatMap(([alert, values]) =>
        Object.entries(values ?? {}).map(([threshold, value]) => ({
            record: ALERT_SETTING,
            expr: `vector(${value})`,
            labels: { ...labels, alert, threshold },
        })),
    );
}
