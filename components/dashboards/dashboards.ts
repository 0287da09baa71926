import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";
import type { GrafanaSidecar } from "../metrics/kubePrometheusStackValues";
import { DashboardContext, dashboardSpec, isOn } from "./definition";
import { DASHBOARD_LIST } from "./list";
import { dashboardJson } from "./model/dashboard";
import { ownDashboardJson } from "./ownDashboards";
import type { DashboardUid } from "./uids";

export interface DashboardsArgs extends Omit<DashboardContext, "uids"> {
    /** Grafana's. */
    readonly namespace: pulumi.Input<string>;
    /** What Grafana's sidecar looks for. */
    readonly sidecar: Pick<GrafanaSidecar, "dashboardLabel" | "folderAnnotation">;
}

/** A dashboard as Grafana's sidecar takes it. */
export interface RenderedDashboard {
    /** Of the owner's own, `extra-` and its name. */
    readonly uid: string;
    readonly folder: string;
    readonly json: string;
}

/**
 * Grafana's dashboards, a ConfigMap each. Grafana's sidecar writes them to Grafana's disk, and takes away what is
 * deleted here.
 */
export class Dashboards extends pulumi.ComponentResource {
    constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Dashboards", name, {}, opts);
        for (const { uid, folder, json } of [...renderDashboards(args), ...ownDashboards(args)]) {
            new k8s.core.v1.ConfigMap(
                `${name}-${uid}`,
                {
                    metadata: {
                        name: `dashboard-${uid}`,
                        namespace: args.namespace,
                        labels: { ...PART_OF, ...args.sidecar.dashboardLabel },
                        annotations: { [args.sidecar.folderAnnotation]: folder },
                    },
                    data: { [dashboardFile(uid)]: json },
                },
                { parent: this },
            );
        }
        this.registerOutputs({});
    }
}

/** Name of a dashboard's file, also where the sidecar writes it to. */
export function dashboardFile(uid: string): string {
    return `${uid}.json`;
}

/** Where the sidecar writes Grafana's home; undefined when it is off. */
export function homeDashboard(
    shown: Pick<DashboardContext, "settings" | "parts">,
): string | undefined {
    return installedDashboards(shown).includes("home")
        ? `${shown.settings.home.folder}/${dashboardFile("home")}`
        : undefined;
}

/** The dashboards that a stack has: those that are on, and show a part that it has. */
export function installedDashboards({
    settings,
    parts,
}: Pick<DashboardContext, "settings" | "parts">): DashboardUid[] {
    return DASHBOARD_LIST.filter(
        ({ uid, needs }) =>
            isOn(uid, { settings, parts }) && needs.every((part) => parts.has(part)),
    ).map(({ uid }) => uid);
}

/** The owner's own, each by the name that the configuration gives it: its uid may have other letters than an object's name. */
function ownDashboards({
    settings: { extra },
}: Pick<DashboardContext, "settings">): RenderedDashboard[] {
    return Object.entries(extra).map(([key, own]) => ({
        uid: `extra-${key}`,
        folder: own.folder,
        json: ownDashboardJson(own),
    }));
}

/** Every dashboard of ours that a stack has, with its folder. */
export function renderDashboards(args: Omit<DashboardContext, "uids">): RenderedDashboard[] {
    const uids = new Set(installedDashboards(args));
    const context = { ...args, uids };
    return DASHBOARD_LIST.filter(({ uid }) => uids.has(uid)).map((definition) => ({
        uid: definition.uid,
        folder: args.settings[definition.uid].folder,
        json: `${JSON.stringify(dashboardJson(dashboardSpec(definition, context)), null, 2)}\n`,
    }));
}
