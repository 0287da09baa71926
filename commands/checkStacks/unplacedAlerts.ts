import { PLACES } from "../../components/alerting/extraRuleLabels";
import type { Registration } from "../../lab/program/program";
import { checkExpression } from "../../lab/promql/check";
import { expressionsOf } from "../../lab/promql/expressions";
import { indexWith } from "../../lab/promql/gate";

/** Alerts of the stack's owner that nobody could place, with the labels that they have; undefined where there is none. */
export function unplacedAlerts(registrations: readonly Registration[]): string | undefined {
    const all = expressionsOf(registrations);
    const index = indexWith(all);
    const lines = all
        .filter(({ place, record }) => record === undefined && OWN.test(place))
        .flatMap(({ place, text, added }) => {
            const { labels } = checkExpression(index, text);
            // Of a metric that only its owner knows, no labels are known.
            const placed =
                !labels || PLACES.some((each) => labels.has(each) || added.includes(each));
            return placed
                ? []
                : [
                      `  ${place.replace(OWN, "")}: got the labels ${[...labels].sort().join(", ") || "none"}`,
                  ];
        });
    return lines.length === 0
        ? undefined
        : [
              `alerting.extraRules: each alert needs ${PLACES.join(" or ")}, in its expression or in labels:`,
              ...lines,
          ].join("\n");
}

/** Of their objects. */
const OWN = /^PrometheusRule [^ ]*\/extra-/;
