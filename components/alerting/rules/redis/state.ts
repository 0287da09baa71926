import type { RecordingRule } from "../../prometheusRule";
import { STARTUP } from "../startup";
import { ALERT_SETTING, DECLARED_PODS, Thresholds } from "./declared";

/*
 * What is known of each declared instance, recorded once and read by every alert and objective. All of it is joined
 * with what the stack declares, so that two stacks of one Prometheus never write the same series.
 */

/** 1 for each declared workload, with the instance that it belongs to and the team that owns it. */
export const WORKLOAD = "redis:workload:info";
const THRESHOLD = "redis:alert_threshold:value";
/** Pods whose Redis answers its exporter. */
export const ANSWERING = "redis:pods_answering:count";
/** Pods of which nothing is known: the exporter does not answer, and Kubernetes does not say that the pod is unready. */
export const SILENT = "redis:pods_silent:count";
/** Masters of a replication that somebody sees. */
export const MASTERS = "redis:masters:count";
/** Instances of which no pod can be reached, and namespaces in which there is no other. */
export const DOWN = "redis:instance_down:bool";
export const NAMESPACE_DOWN = "redis:namespace_down:count";
/** Instances with a pod on a node that is lost. */
export const ON_LOST_NODE = "redis:instance_on_lost_node:bool";
export const CLUSTER_STATE = "redis:cluster_state:avg";
export const SLOTS_MISSING = "redis:cluster_slots_missing:count";
/** 1 where clients can read and write, 0 where they cannot, and no series where nobody knows. */
export const AVAILABLE = "redis:instance_available:bool";
/** Since a minute at least, Prometheus scrapes. */
const OBSERVED = "prometheus:scraping:count";

/** Hash slots of a Redis Cluster, https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/. */
const SLOTS = 16384;

/** A lost node: not ready, and nobody drains it for maintenance. */
export const NODE_DOWN = `max by (node) (kube_node_status_condition{condition="Ready", status="true"}) == 0 unless on (node) (max by (node) (kube_node_spec_unschedulable) == 1)`;

/**
 * Workloads to which pods are being added: more answer than two minutes ago, and not all have within ten. The next one comes when the last has
 * been ready for `minReadySeconds`, a minute by default, and each is a master of its own until the operator, which waits for all, gives it
 * its master.
 */
export function growing(scope: Scope): string {
    const answering = scope.of(ANSWERING);
    const complete = `max_over_time(${answering}[10m]) >= on (namespace, app) group_left () ${scope.of(DECLARED_PODS)}`;
    return `on (namespace, app) (${answering} > ${answering} offset 2m unless on (namespace, app) (${complete}))`;
}

/** By what a pod is known. A new address of the pod is a second series for some minutes, and none of these labels. */
export const byPod = "by (namespace, app, pod)";

/** A metric of each pod, however many series show it. */
export function perPod(selector: string, operator: "max" | "min" = "max"): string {
    return `${operator} ${byPod} (${selector})`;
}

/** The stack's rules: which series are its own. */
export class Scope {
    constructor(readonly environment: string) {}

    /** Series that are recorded for the stack. */
    of(metric: string, ...matchers: readonly string[]): string {
        return `${metric}{${[`environment="${this.environment}"`, ...matchers].join(", ")}}`;
    }

    /** The same values for the stack's workloads alone, with their instance and owner. */
    owned(expression: string, labels = "instance_name, team"): string {
        return `(${expression}) * on (namespace, app) group_left (${labels}) ${this.of(WORKLOAD)}`;
    }

    /** What an alert's threshold is for each workload; to be read as `X > <this>`, with labels that X has not. */
    threshold(alert: string, threshold: string, labels = "instance_name, team"): string {
        const series = this.of(THRESHOLD, `alert="${alert}"`, `threshold="${threshold}"`);
        return `on (namespace, app) group_left (${labels}) ${series}`;
    }

    /** Workloads that hold data. */
    get serving(): string {
        return this.of(WORKLOAD, 'redis_setup_type!="sentinel"');
    }
}

/** With the instance's name as `app`: one of several workloads has several values of it. */
export function namedByInstance(expression: string): string {
    return `label_replace(${expression}, "app", "$1", "instance_name", "(.+)")`;
}

export function stateRules(scope: Scope): RecordingRule[] {
    const everything = "instance_name, redis_setup_type, environment, team";
    const instance = "by (namespace, instance_name, environment, team)";
    const onInstance = "on (namespace, instance_name)";
    const pods = scope.of(DECLARED_PODS);
    const answering = scope.of(ANSWERING, 'redis_setup_type!="sentinel"');
    const silent = scope.of(SILENT, 'redis_setup_type!="sentinel"');
    const masterless = masterlessOf(scope);
    const broken = `(${scope.of(CLUSTER_STATE)} < 0.5 or ${scope.of(SLOTS_MISSING)} > 0)`;
    const nodes = (metric: string) =>
        `${perPod(`${metric}{redis_setup_type="cluster"}`)} * on (namespace, app) group_left (instance_name, environment, team) ${scope.of(WORKLOAD)}`;
    return [
        {
            record: WORKLOAD,
            expr: `group by (namespace, app, instance_name, redis_setup_type, environment, team) (${pods})`,
        },
        {
            record: OBSERVED,
            expr: "count(up offset 1m)",
            labels: { environment: scope.environment },
        },
        {
            record: ANSWERING,
            expr: scope.owned(
                `count by (namespace, app) (${perPod('redis_up{redis_setup_type!=""}')} == 1)`,
                everything,
            ),
        },
        {
            record: SILENT,
            expr: scope.owned(
                `count by (namespace, app) (${perPod('up{redis_setup_type!=""}')} == 0 unless on (namespace, pod) (${UNREADY}))`,
                everything,
            ),
        },
        { record: MASTERS, expr: scope.owned(mastersOf(scope), everything) },
        {
            record: DOWN,
            // In the first minutes of an instance nobody misses it; nor where Prometheus itself has just begun to look.
            expr: `group ${instance} (${scope.serving}) unless ${onInstance} (${answering} or ${silent}) and ${onInstance} (${scope.serving} offset ${STARTUP} or last_over_time(${answering}[${STARTUP}])) and on (environment) ${scope.of(OBSERVED)}`,
        },
        {
            record: NAMESPACE_DOWN,
            expr: `count by (namespace, environment, team) (${scope.of(DOWN)}) == on (namespace, environment, team) count by (namespace, environment, team) (group ${instance} (${scope.serving})) > 1`,
        },
        {
            record: ON_LOST_NODE,
            // The pods of a StatefulSet have its name and a number.
            expr: `group ${instance} (${scope.of(WORKLOAD)} and on (namespace, app) label_replace(kube_pod_info and on (node) (${NODE_DOWN}), "app", "$1", "pod", "(.+)-[0-9]+"))`,
        },
        {
            record: CLUSTER_STATE,
            // Each node has a view of its own, and one that is cut off sees a broken cluster.
            expr: `avg ${instance} (${nodes("redis_cluster_state")})`,
        },
        {
            record: SLOTS_MISSING,
            expr: `${SLOTS} - max ${instance} (${nodes("redis_cluster_slots_ok")})`,
        },
        {
            record: AVAILABLE,
            expr: namedByInstance(
                `(group ${instance} (${answering}) unless ${onInstance} (${masterless} or ${broken})) or 0 * group ${instance} (${masterless} or ${broken} or ${scope.of(DOWN)})`,
            ),
        },
    ];
}

/** Kubernetes says of a pod that it is not ready. */
export const UNREADY = 'max by (namespace, pod) (kube_pod_status_ready{condition="true"}) == 0';

/** Replications that answer, and of which nobody sees a master. */
export function masterlessOf(scope: Scope): string {
    return `(${scope.of(ANSWERING, 'redis_setup_type="replication"')} unless on (namespace, app) ${scope.of(MASTERS)})`;
}

/**
 * Pods that call themselves master. Where a pod cannot be seen, also replicas that are linked to it: to more masters
 * than the replicas that have replicas of their own.
 */
function mastersOf(scope: Scope): string {
    const replication = 'redis_setup_type="replication"';
    const linked = `count by (namespace, app) (${perPod(`redis_master_link_up{${replication}}`)} == 1)`;
    const chained = `sum by (namespace, app) (${perPod(`redis_connected_slaves{${replication}}`)} and on (namespace, pod) redis_instance_info{role="slave"})`;
    const unseen = `${scope.of(ANSWERING)} < on (namespace, app) ${scope.of(DECLARED_PODS)}`;
    return `count by (namespace, app) (${perPod(`redis_instance_info{${replication}, role="master"}`)}) or (${linked} unless on (namespace, app) (${chained} >= on (namespace, app) ${linked})) and on (namespace, app) (${unseen})`;
}

/** An instance's own threshold, and the stack's for the others. */
export function thresholdRules(scope: Scope, defaults: Thresholds): RecordingRule[] {
    return Object.entries(defaults).flatMap(([alert, values]) =>
        Object.keys(values ?? {}).map((threshold): RecordingRule => {
            const setting = (...matchers: readonly string[]) =>
                scope.of(
                    ALERT_SETTING,
                    `alert="${alert}"`,
                    `threshold="${threshold}"`,
                    ...matchers,
                );
            const ofStack = `${scope.serving} * on (environment) group_left () ${setting('app=""')}`;
            return {
                record: THRESHOLD,
                expr: `${setting('app!=""')} or on (namespace, app) ${ofStack}`,
                labels: { alert, threshold },
            };
        }),
    );
}
