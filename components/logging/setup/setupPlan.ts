import { contentHash } from "../../kubernetes/contentHash";
import { JAEGER_INDICES } from "../elasticsearchRoles";
import { STREAMS } from "../logSchema";
import type { SnapshotSettings } from "../snapshotSettings";
import { logLifecycle, SNAPSHOT_POLICY, snapshotLifecycle, LIFECYCLE_POLICY } from "./lifecycle";
import type { Json, Plan, ResourceStep, SavedObject, Step } from "./plan";
import { snapshotRepository } from "./snapshotRepository";
import { componentTemplates, failureStore, indexTemplates } from "./templates";

/** Longer than ECK needs to roll three nodes, shorter than the Job's own deadline. */
const DEADLINE_SECONDS = 25 * 60;
const PAUSE_SECONDS = 5;

/** For how long: durations of whole days. */
export interface LogRetention {
    readonly logs: string;
    /** Of snapshots. */
    readonly backups: string;
}

/** All that Elasticsearch and Kibana are told, in an order in which nothing names what is not there yet. */
export function setupPlan(
    /** Undefined where Elasticsearch is somebody else's: its health and its snapshots are theirs. */
    snapshots: SnapshotSettings | undefined,
    retention: LogRetention,
    /** Undefined without Kibana. */
    savedObjects: readonly SavedObject[] | undefined,
): Plan {
    const repository = snapshots && snapshotRepository(snapshots);
    return {
        deadlineSeconds: DEADLINE_SECONDS,
        pauseSeconds: PAUSE_SECONDS,
        steps: [
            ...(snapshots ? [healthy("yellow")] : []),
            ...(repository ? snapshotSteps(repository, retention.backups) : []),
            ...(snapshots && !repository ? [noSnapshotPolicy()] : []),
            lifecycleStep(logLifecycle(retention.logs, repository !== undefined)),
            ...templateSteps(retention.logs),
            ...Object.values(STREAMS).flatMap((stream) => streamSteps(stream, retention.logs)),
            healthy("green"),
            ...(savedObjects ? kibanaSteps(savedObjects) : []),
        ],
    };
}

function kibanaSteps(objects: readonly SavedObject[]): Step[] {
    return [
        {
            kind: "check",
            name: "Kibana is available",
            server: "kibana",
            call: { method: "GET", path: "/api/status" },
            expected: { status: { overall: { level: "available" } } },
        },
        { kind: "savedObjects", name: "Dashboards of Kibana", objects },
    ];
}

/** Our streams are green; another index may be yellow for a reason of its own. */
function healthy(status: "yellow" | "green"): Step {
    const indices = status === "green" ? `/${Object.values(STREAMS).join(",")}` : "";
    return {
        kind: "check",
        name: status === "green" ? "The streams are green" : "Elasticsearch is healthy",
        server: "elasticsearch",
        call: {
            method: "GET",
            path: `/_cluster/health${indices}?wait_for_status=${status}&timeout=30s`,
        },
        expected: { timed_out: false },
    };
}

function snapshotSteps(
    { name, repository }: NonNullable<ReturnType<typeof snapshotRepository>>,
    retention: string,
): Step[] {
    const { policy_id, ...policy } = snapshotLifecycle(retention, name, JAEGER_INDICES);
    return [
        resource(`Snapshot repository ${name}`, `/_snapshot/${name}`, [name], repository),
        {
            kind: "check",
            name: "Every node reaches the snapshot repository",
            server: "elasticsearch",
            call: { method: "POST", path: `/_snapshot/${name}/_verify` },
            expected: { nodes: {} },
        },
        resource(
            `Snapshot policy ${policy_id}`,
            `/_slm/policy/${policy_id}`,
            [policy_id, "policy"],
            policy,
        ),
    ];
}

/** Without a repository an earlier policy would go on failing every day. The repository keeps its snapshots. */
function noSnapshotPolicy(): Step {
    const path = `/_slm/policy/${SNAPSHOT_POLICY}`;
    return {
        kind: "absence",
        name: `No snapshot policy ${SNAPSHOT_POLICY}`,
        path,
        at: [SNAPSHOT_POLICY],
    };
}

function lifecycleStep(lifecycle: ReturnType<typeof logLifecycle>): Step {
    const policy = marked(lifecycle.policy);
    const path = `/_ilm/policy/${LIFECYCLE_POLICY}`;
    const name = `Lifecycle policy ${LIFECYCLE_POLICY}`;
    return {
        ...resource(name, path, [LIFECYCLE_POLICY, "policy"], policy),
        write: put(path, { policy }),
    };
}

function templateSteps(retention: string): Step[] {
    const all = Object.values(STREAMS);
    return [
        ...componentTemplates().map(({ name, ...body }) => ({
            ...resource(
                `Component template ${name}`,
                `/_component_template/${name}`,
                ["component_templates", 0, "component_template"],
                marked(body),
            ),
            rollOver: all,
        })),
        ...indexTemplates(retention).map(({ name, ...body }) => ({
            ...resource(
                `Index template ${name}`,
                `/_index_template/${name}`,
                ["index_templates", 0, "index_template"],
                marked(body),
            ),
            rollOver: [name],
        })),
    ];
}

/** The stream, made before the first document: whoever writes documents may make no index. */
function streamSteps(stream: string, retention: string): Step[] {
    const path = `/_data_stream/${stream}`;
    const at = ["data_streams", 0] as const;
    const failure_store = failureStore(retention);
    return [
        {
            ...resource(`Data stream ${stream}`, path, at, {
                name: stream,
                template: stream,
                ilm_policy: LIFECYCLE_POLICY,
            }),
            write: { method: "PUT", path },
        },
        {
            // A stream takes this from its template only when it is made.
            ...resource(`Failure store of ${stream}`, `${path}/_options`, [...at, "options"], {
                failure_store,
            }),
            write: put(`${path}/_options`, { failure_store }),
        },
    ];
}

/**
 * Marks content with its hash. Reading back finds what is missing or different; that something was taken out of the
 * content since shows in the hash only.
 */
function marked<T extends object>(
    content: T,
): T & { readonly _meta: { readonly content: string } } {
    return { ...content, _meta: { content: contentHash(JSON.stringify(content)) } };
}

/** A resource that reads as it is written. */
function resource(
    name: string,
    path: string,
    at: ResourceStep["at"],
    content: object,
): ResourceStep {
    const { body = {} } = put(path, content);
    return {
        kind: "resource",
        name,
        read: { method: "GET", path },
        at,
        expected: body,
        write: put(path, content),
    };
}

function put(path: string, content: object): ResourceStep["write"] {
    // The request types allow `undefined`, which JSON drops.
    return { method: "PUT", path, body: JSON.parse(JSON.stringify(content)) as Json };
}
