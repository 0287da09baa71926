import * as fs from "node:fs";
import * as path from "node:path";

import { Problem, show } from "../settings/problems";
import { knownMetrics, metricNames } from "./ownMetrics";
import { DASHBOARD_UIDS } from "./uids";

/** Dashboards of the stack's owner, as the configuration names them: one file, or a folder of such. */
export interface OwnDashboards {
    readonly file?: string | undefined;
    readonly files?: string | undefined;
    /** Of Grafana. */
    readonly folder: string;
    readonly metrics: readonly string[];
}

/** One of them. */
interface OwnDashboard {
    /** What its ConfigMap is named by, after `extra-`. */
    readonly name: string;
    /** From the folder of Pulumi.yaml on. */
    readonly file: string;
}

/** What an owner's dashboards are checked with. */
export interface OwnDashboardSettings {
    readonly dashboards: { readonly extra: Readonly<Record<string, OwnDashboards>> };
    readonly prometheus: { readonly dropRedisMetrics: readonly string[] };
}

/** Grafana's JSON as far as it is looked at. */
interface Parsed {
    readonly uid?: unknown;
    readonly panels?: unknown;
    readonly templating?: unknown;
    readonly annotations?: unknown;
}

/** Bytes of a dashboard: a ConfigMap may have 1 MiB with all that is around them. */
export const DASHBOARD_BYTES = 900 * 1024;

/** Panels that Grafana has no more since version 12, and what takes their place. */
const GONE: Readonly<Record<string, string>> = {
    graph: "timeseries",
    singlestat: "stat",
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
    "grafana-worldmap-panel": "geomap",
    "grafana-singlestat-panel": "stat",
    "natel-discrete-panel": "state-timeline",
    "heatmap-old": "heatmap",
};

/** Where relative paths of the configuration start: the folder of Pulumi.yaml. */
const PROJECT_FOLDER = path.resolve(__dirname, "../..");

/** The text of an owner's dashboard, as it is installed. Throws when it cannot be read or is no JSON. */
export function ownDashboardJson({ file }: Pick<OwnDashboard, "file">): string {
    return `${JSON.stringify(parsed(file), null, 2)}\n`;
}

/** The dashboards that an entry names, those of a folder by the names of its files. Throws when there are none. */
export function ownDashboardsOf(key: string, { file, files }: OwnDashboards): OwnDashboard[] {
    const single = file === undefined ? [] : [{ name: key, file }];
    if (files === undefined) {
        return single;
    }
    const found = fs
        .readdirSync(path.resolve(PROJECT_FOLDER, files))
        .filter((each) => each.endsWith(".json"))
        .sort();
    if (found.length === 0) {
        throw new Error("there is no file in it that ends with .json");
    }
    return [
        ...single,
        ...found.map((each) => ({
            // A key of the configuration has no dot, so that no two are alike.
            name: `${key}.${each.replace(/\.json$/, "")}`,
            file: path.join(files, each),
        })),
    ];
}

/** Everything that is wrong with an owner's dashboards; of each the first finding. */
export function ownDashboardProblems({ dashboards, prometheus }: OwnDashboardSettings): Problem[] {
    const taken = new Map<string, string>(DASHBOARD_UIDS.map((uid) => [uid, `dashboards.${uid}`]));
    const all = Object.entries(dashboards.extra);
    if (all.length === 0) {
        return [];
    }
    const known = knownMetrics(prometheus.dropRedisMetrics);
    return all.flatMap(([key, own]) => {
        const at = `dashboards.extra.${key}`;
        if ((own.file === undefined) === (own.files === undefined)) {
            return [
                {
                    path: at,
                    got: own.file === undefined ? "neither file nor files" : "both file and files",
                    allowed: "one of them: `file` for a dashboard, `files` for a folder of them",
                },
            ];
        }
        let dashboards: readonly OwnDashboard[];
        try {
            dashboards = ownDashboardsOf(key, own);
        } catch (error) {
            return [
                {
                    path: `${at}.files`,
                    got: show(own.files),
                    allowed: `a folder with files of JSON, one dashboard each, its path from the folder of Pulumi.yaml on; ${reason(error)}`,
                },
            ];
        }
        const setting = own.file === undefined ? "files" : "file";
        return dashboards.flatMap((each) => {
            const problem =
                nameProblem(each) ?? problemOf(each, taken, (metric) => known(metric, own.metrics));
            taken.set(uidOf(each) ?? "", own.file === undefined ? `${each.file} of ${at}` : at);
            return problem ? [{ path: `${at}.${setting}`, ...problem }] : [];
        });
    });
}

/** An object's name is made of the file's, as its key is of the configuration. */
function nameProblem({ name, file }: OwnDashboard): Omit<Problem, "path"> | undefined {
    const own = name.slice(name.indexOf(".") + 1);
    return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(own)
        ? undefined
        : {
              got: show(file),
              allowed:
                  "a file's name of small letters, digits and -, as its ConfigMap is named by it, and .json",
          };
}

function problemOf(
    { file }: Pick<OwnDashboard, "file">,
    taken: ReadonlyMap<string, string>,
    known: (metric: string) => string | undefined,
): Omit<Problem, "path"> | undefined {
    let dashboard: Parsed;
    let bytes: number;
    try {
        dashboard = parsed(file);
        bytes = Buffer.byteLength(JSON.stringify(dashboard, null, 2)) + 1;
    } catch (error) {
        return {
            got: show(file),
            allowed: `a file with the JSON of one dashboard, its path from the folder of Pulumi.yaml on; ${reason(error)}`,
        };
    }
    const { uid } = dashboard;
    if (typeof uid !== "string" || !/^[\w-]{1,40}$/.test(uid)) {
        return {
            got: `${show(file)} with the uid ${show(uid)}`,
            allowed: "a fixed uid of at most 40 letters, digits, - and _, which is its address",
        };
    }
    const other = taken.get(uid);
    if (other !== undefined) {
        return {
            got: `${show(file)} with the uid ${show(uid)}`,
            allowed: `a uid of its own: ${other} has this one`,
        };
    }
    if (bytes > DASHBOARD_BYTES) {
        return {
            got: `${show(file)} of ${bytes} bytes`,
            allowed: `at most ${DASHBOARD_BYTES} bytes, as a ConfigMap holds: make two dashboards of it`,
        };
    }
    const panels = panelsOf(dashboard.panels);
    const gone = panels.find(({ type }) => type in GONE);
    if (gone) {
        return {
            got: `${show(file)} with the panel ${show(gone.title)} of type ${show(gone.type)}`,
            allowed: `a type that Grafana still has: ${GONE[gone.type]}. Opened and saved once in Grafana 11, a panel becomes one`,
        };
    }
    return unknownMetric(dashboard, panels, file, known);
}

function reason(error: unknown): string {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "there is none" : message;
}

function unknownMetric(
    { templating, annotations }: Parsed,
    panels: readonly Panel[],
    file: string,
    known: (metric: string) => string | undefined,
): Omit<Problem, "path"> | undefined {
    const places = [
        ...panels.map(({ title, targets }) => [`panel ${show(title)}`, targets] as const),
        ["variables", templating] as const,
        ["annotations", annotations] as const,
    ];
    for (const [place, value] of places) {
        for (const metric of queriesIn(value).flatMap(metricNames)) {
            const why = known(metric);
            if (why !== undefined) {
                return {
                    got: `${show(file)} with the metric ${show(metric)} in ${place}`,
                    allowed: `${why}; a metric of yours is told in \`metrics\` beside the file`,
                };
            }
        }
    }
    return undefined;
}

interface Panel {
    readonly type: string;
    readonly title: string;
    readonly targets: unknown;
}

function panelsOf(panels: unknown): Panel[] {
    return (Array.isArray(panels) ? panels : []).flatMap((each: unknown) => {
        const panel = (each ?? {}) as Record<string, unknown>;
        const { type = "", title = "", targets } = panel;
        return [{ type: String(type), title: String(title), targets }, ...panelsOf(panel.panels)];
    });
}

/** `expr` of targets and annotations, and what variables ask for. */
function queriesIn(value: unknown): string[] {
    if (Array.isArray(value)) {
        return value.flatMap(queriesIn);
    }
    if (typeof value === "string") {
        const series =
            /^label_values\((.+),[^,]+\)$/s.exec(value) ?? /^query_result\((.+)\)$/s.exec(value);
        return series?.[1] === undefined ? [] : [series[1]];
    }
    const object = (value ?? {}) as Record<string, unknown>;
    const { type = "prometheus" } = (object.datasource ?? {}) as { readonly type?: unknown };
    // Loki's queries are called the same.
    if (type !== "prometheus") {
        return [];
    }
    return Object.entries(object).flatMap(([key, each]) =>
        key === "expr" && typeof each === "string" ? [each] : queriesIn(each),
    );
}

function uidOf({ file }: Pick<OwnDashboard, "file">): string | undefined {
    try {
        return String(parsed(file).uid);
    } catch {
        return undefined;
    }
}

function parsed(file: string): Parsed {
    const value: unknown = JSON.parse(fs.readFileSync(path.resolve(PROJECT_FOLDER, file), "utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new Error("it is no object");
    }
    return value;
}
