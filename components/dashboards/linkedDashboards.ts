import { platformRules } from "../alerting/platformAlerts";
import { isAlert, Rule } from "../alerting/prometheusRule";
import { redisStackRules } from "../alerting/redisAlerts";
import { backupRules } from "../alerting/rules/backup";
import { flaggerRules, istioRules } from "../alerting/rules/delivery";
import { fluxOverdueRules } from "../alerting/rules/flux";
import type { AlertName, AlertSettings } from "../alerting/rules/settings";
import { INDICATORS } from "../alerting/slos/settings";
import type { Problem } from "../settings/problems";
import { isOn } from "./definition";
import { DASHBOARD_LIST } from "./list";
import type { DashboardSettings } from "./settings";
import { PartSettings, shownParts } from "./shownParts";

export interface LinkSettings extends PartSettings {
    readonly dashboards: DashboardSettings;
    readonly alerting: { readonly rules: AlertSettings };
    readonly ingress: {
        readonly enabled: boolean;
        readonly hosts: { readonly grafana?: string | undefined };
    };
    readonly existing: { readonly grafana?: { readonly url?: string | undefined } | undefined };
    readonly delivery: {
        readonly flux?: { readonly reconcileWithin: string } | undefined;
        readonly flagger?: unknown;
    };
    readonly mesh: { readonly istio?: { readonly mode: "sidecar" | "ambient" } | undefined };
}

/** Dashboards that are off and that alerts link to. Without a host of Grafana, alerts link to none. */
export function offAndLinkedProblems(settings: LinkSettings): Problem[] {
    const { dashboards, ingress, existing } = settings;
    const parts = shownParts(settings);
    const off = DASHBOARD_LIST.filter(
        ({ uid, needs }) =>
            !isOn(uid, { settings: dashboards, parts }) && needs.every((part) => parts.has(part)),
    );
    const opened = (ingress.enabled && ingress.hosts.grafana) ?? existing.grafana?.url;
    if (off.length === 0 || !opened) {
        return [];
    }
    const links = linkedFrom(settings, parts.has("kubeStateMetrics"));
    return off.flatMap(({ uid }) => {
        const alerts = [...(links.get(uid) ?? [])].sort();
        return alerts.length === 0
            ? []
            : [
                  {
                      path: `dashboards.${uid}.enabled`,
                      got: "false",
                      allowed: `true while alerts link to it, or these alerts off: ${alerts.join(", ")}`,
                  },
              ];
    });
}

/**
 * The alerts that are on, by the uid of the dashboard that they link to. Those of Argo CD, of probes and of what applications
 * are scraped for link to the chart's own, and those on applications' objectives are the ones on any objective.
 */
function linkedFrom(
    { alerting: { rules: settings }, delivery, mesh }: LinkSettings,
    kubeStateMetrics: boolean,
): ReadonlyMap<string, ReadonlySet<AlertName>> {
    const slos = Object.fromEntries(
        INDICATORS.map((name) => [name, { objective: 99.9, window: "30d" }]),
    );
    const rules = [
        ...platformRules(
            {
                parts: {
                    kubeStateMetrics,
                    redisOperator: true,
                    logging: true,
                    tracing: true,
                },
                namespaces: { monitoring: "", redisOperator: "", logging: "", tracing: "" },
                slos,
                scrapeInterval: "30s",
            },
            settings,
        ),
        ...redisStackRules(
            { environment: "", slos, scrapeIntervals: ["30s"], recordedByPlatform: true },
            settings,
        ),
        backupRules("", [{ source: "any", backup: 1, drill: 1 }]),
        { rules: deliveryRules({ delivery, mesh }, settings, kubeStateMetrics) },
    ].flatMap((group) => group.rules);
    const found = new Map<string, Set<AlertName>>();
    for (const { alert, dashboard } of rules.filter(isAlert)) {
        if (settings[alert].enabled) {
            found.set(dashboard.uid, (found.get(dashboard.uid) ?? new Set()).add(alert));
        }
    }
    return found;
}

/** Rules of what delivers applications and serves them, as far as it is there. */
function deliveryRules(
    { delivery: { flux, flagger }, mesh: { istio } }: Pick<LinkSettings, "delivery" | "mesh">,
    settings: AlertSettings,
    kubeStateMetrics: boolean,
): Rule[] {
    return [
        ...(flux && kubeStateMetrics ? fluxOverdueRules(flux.reconcileWithin, settings) : []),
        ...(flagger ? flaggerRules(settings, kubeStateMetrics) : []),
        ...(istio ? istioRules(istio.mode, settings, kubeStateMetrics) : []),
    ];
}
