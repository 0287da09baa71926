import type { AlertName, AlertSettings } from "../alerting/rules/settings";
import { LogFieldName, StreamName, STREAMS } from "../logging/logSchema";
import { DATA_SOURCES } from "../metrics/dataSourceUids";
import type { DashboardSpec } from "./model/dashboard";
import {
    DashboardLink,
    dashboardLink,
    dashboardMenu,
    exploreLink,
    externalLink,
} from "./model/links";
import { logs, Panel } from "./model/panels";
import type { DashboardSettings } from "./settings";
import type { DashboardUid } from "./uids";

/** What a stack has, as far as dashboards show it. */
export const SHOWN_PARTS = [
    "redis",
    "redisOperator",
    "logging",
    "tracing",
    "backup",
    "alertmanager",
    "kubeStateMetrics",
    "objectives",
    "fluxControllers",
] as const;
export type ShownPart = (typeof SHOWN_PARTS)[number];

/** Names of the namespaces that dashboards are about. */
export interface ShownNamespaces {
    readonly monitoring: string;
    readonly redisOperator: string;
    readonly logging: string;
    readonly tracing: string;
}

/** What a dashboard is made from. */
export interface DashboardContext {
    readonly settings: DashboardSettings;
    /** Dashboards turn red where these alerts fire. */
    readonly alerts: AlertSettings;
    /** Empty where no URL shows runbooks. */
    readonly runbookBaseUrl: string;
    readonly parts: ReadonlySet<ShownPart>;
    /** Dashboards that there are: others are not linked. */
    readonly uids: ReadonlySet<DashboardUid>;
    readonly namespaces: ShownNamespaces;
    /** The stack's objectives. */
    readonly slos: Readonly<Record<string, ShownSlo>>;
}

/** Whether a dashboard is on. What says nothing of itself is so with its part: the controllers of Flux. */
export function isOn(
    uid: DashboardUid,
    { settings, parts }: Pick<DashboardContext, "settings" | "parts">,
): boolean {
    return settings[uid].enabled ?? parts.has("fluxControllers");
}

/** What a dashboard says of an objective. */
export interface ShownSlo {
    /** Percent that must be good. */
    readonly objective: number;
    /** The time over which. */
    readonly window: string;
}

/** One dashboard. */
export interface DashboardDefinition {
    readonly uid: DashboardUid;
    readonly title: string;
    /** What a reader learns from it. */
    readonly description: string;
    readonly tags: readonly string[];
    /** Without one of these there is nothing to show. */
    readonly needs: readonly ShownPart[];
    readonly content: (context: DashboardContext) => Omit<
        DashboardSpec,
        "uid" | "title" | "description" | "tags" | "links"
    > & {
        readonly links?: readonly DashboardLink[];
    };
}

/** Tag of all of our dashboards. */
export const TAG = "observability";

/** A dashboard with the links that each has. */
export function dashboardSpec(
    definition: DashboardDefinition,
    context: DashboardContext,
): DashboardSpec {
    const { uid, title, description, tags } = definition;
    const { links = [], ...content } = definition.content(context);
    return {
        uid,
        title,
        description,
        tags: [TAG, ...tags],
        ...content,
        links: [
            ...linkTo(context, "home", "Home").filter(() => uid !== "home"),
            ...links,
            dashboardMenu("Dashboards", TAG),
        ],
    };
}

/** A link to one of our dashboards, where it is there. */
export function linkTo(
    { uids }: DashboardContext,
    uid: DashboardUid,
    title: string,
): DashboardLink[] {
    return uids.has(uid) ? [dashboardLink(uid, title)] : [];
}

/** Links of a panel to the runbooks of the alerts that it is about. */
export function runbooks(
    { runbookBaseUrl }: DashboardContext,
    ...alerts: readonly AlertName[]
): DashboardLink[] {
    return runbookBaseUrl
        ? alerts.map((alert) => externalLink(`Runbook ${alert}`, `${runbookBaseUrl}/${alert}.md`))
        : [];
}

/** A search for log lines: the chosen values of variables, by field. */
export function logQuery(fields: Readonly<Partial<Record<LogFieldName, string>>>): string {
    return Object.entries(fields)
        .map(([field, variable]) => `${field}:${variable}`)
        .join(" AND ");
}

/** A link to the logs of the selection. */
export function logsLink(
    { parts }: DashboardContext,
    query: string,
    stream?: StreamName,
): DashboardLink[] {
    return parts.has("logging")
        ? [
              exploreLink("Logs", logSource(stream), {
                  query,
                  timeField: "@timestamp" satisfies LogFieldName,
                  metrics: [{ id: "1", type: "logs" }],
                  bucketAggs: [],
              }),
          ]
        : [];
}

/** A link to the traces of a service. */
export function tracesLink({ parts }: DashboardContext, service?: string): DashboardLink[] {
    const dataSource = { type: "jaeger", uid: DATA_SOURCES.jaeger };
    return parts.has("tracing")
        ? [
              exploreLink("Traces", dataSource, {
                  queryType: "search",
                  ...(service ? { service } : {}),
              }),
          ]
        : [];
}

/** Log lines of the selection; nothing where there are no logs. */
export function logLines(
    { parts }: DashboardContext,
    args: {
        readonly title: string;
        readonly description: string;
        readonly query: string;
        readonly stream?: StreamName;
        readonly noValue?: string;
    },
): Panel[] {
    return parts.has("logging") ? [logs({ ...args, dataSource: logSource(args.stream).uid })] : [];
}

function logSource(stream: StreamName | undefined): { type: string; uid: string } {
    const known = stream !== undefined && stream in STREAMS;
    return {
        type: "elasticsearch",
        uid: known ? `${DATA_SOURCES.logs}-${stream}` : DATA_SOURCES.logs,
    };
}
