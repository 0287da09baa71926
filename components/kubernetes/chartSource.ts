import * as path from "node:path";

import { CHARTS, ChartVersion } from "../versions";

/** Where charts come from: each chart's own repository, one mirror of all of them, or archives on disk. */
export type ChartSource =
    | { readonly kind: "repository" }
    | { readonly kind: "mirror"; readonly url: string }
    | { readonly kind: "oci"; readonly url: string }
    | { readonly kind: "folder"; readonly folder: string };

/** The part of a Helm release's arguments that says which chart. */
export interface ChartReference {
    readonly chart: string;
    readonly version: string;
    readonly repositoryOpts?: { readonly repo: string };
}

/** Reads `charts.source`: "repository", an https:// or oci:// URL, or a folder relative to the project. */
export function chartSource(source: string, projectFolder: string): ChartSource {
    if (source === "repository") {
        return { kind: "repository" };
    }
    if (source.startsWith("oci://")) {
        return { kind: "oci", url: source.replace(/\/+$/, "") };
    }
    if (/^https?:\/\//.test(source)) {
        return { kind: "mirror", url: source };
    }
    return { kind: "folder", folder: path.resolve(projectFolder, source) };
}

/** How a Helm release names this chart in this source. */
export function chartReference(source: ChartSource, chart: ChartVersion): ChartReference {
    switch (source.kind) {
        case "repository":
            return remote(chart, chart.repository);
        case "mirror":
            return remote(chart, source.url);
        case "oci":
            return { chart: `${source.url}/${chart.chart}`, version: chart.version };
        case "folder":
            return { chart: archive(source.folder, chart), version: chart.version };
    }
}

/** The archives that a folder should hold for a role and does not; empty for every other source. */
export function missingCharts(
    source: ChartSource,
    role: "owner" | "tenant",
    exists: (file: string) => boolean,
    /** Of parts that this stack does not have. */
    unneeded: readonly ChartVersion[] = [],
): string[] {
    if (source.kind !== "folder" || role === "tenant") {
        return [];
    }
    return Object.values(CHARTS)
        .filter((chart) => !unneeded.includes(chart))
        .map((chart) => archive(source.folder, chart))
        .filter((file) => !exists(file));
}

function remote(chart: ChartVersion, repo: string): ChartReference {
    return { chart: chart.chart, version: chart.version, repositoryOpts: { repo } };
}

/** The name that `helm pull` gives an archive. */
function archive(folder: string, chart: ChartVersion): string {
    return path.join(folder, `${chart.chart}-${chart.version}.tgz`);
}
