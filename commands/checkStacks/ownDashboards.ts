import type { Registration } from "../../lab/program/program";
import { valueAt } from "../../lab/program/objects";
import type { Settings } from "../../lab/program/stackFile";
import { dashboardExpressions, dashboardsOf } from "../../lab/promql/dashboards";
import { dropsOf } from "../../lab/promql/drops";
import { expressionsOf } from "../../lab/promql/expressions";
import { findingsOf, report } from "../../lab/promql/gate";

/**
 * What the dashboards of the stack's owner read that nothing has, labels, legends and columns included; undefined where there is
 * nothing of the kind. The program itself looks at names of metrics alone.
 */
export function misreadDashboards(
    registrations: readonly Registration[],
    settings: Settings,
): string | undefined {
    const own = dashboardsOf(registrations).filter(({ place }) => /\/dashboard-extra-/.test(place));
    const told = Object.values(valueAt(settings, "dashboards", "extra") ?? {}).flatMap(
        (each) => (valueAt(each, "metrics") ?? []) as string[],
    );
    const others = expressionsOf(registrations);
    const drops = dropsOf(registrations);
    // Each by itself: what cannot be read in one hides nothing in another.
    const findings = own.flatMap((each) => {
        try {
            return report(
                findingsOf(dashboardExpressions(each), {
                    others,
                    drops,
                    dashboards: [each],
                    own: told,
                }),
            );
        } catch (error) {
            return `${each.place}\n    ${error instanceof Error ? error.message : String(error)}`;
        }
    });
    const found = findings.filter((each) => each !== "");
    return found.length === 0
        ? undefined
        : `dashboards.extra: they read what nothing has:\n${found.join("\n")}`;
}
