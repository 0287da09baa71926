import { seconds } from "../../components/settings/duration";
import { childrenOf, Promql, selectorOf, textOf } from "../../lab/promql/syntax";

/** Seconds for which a series counts that has no newer sample: Prometheus' own default. */
export const STALENESS = 5 * 60;

/** Seconds before an evaluation that expressions read, by metric: ranges, offsets and subqueries together. */
export function lookbacks(expressions: readonly Promql[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const promql of expressions) {
        promql.root.cursor().iterate(({ node }) => {
            if (node.name !== "VectorSelector") {
                return;
            }
            let length = STALENESS;
            for (let at = node.parent; at; at = at.parent) {
                const [first] = childrenOf(at).filter(({ name }) =>
                    ["DurationExpr", "OffsetDurationExpr"].includes(name),
                );
                length += first === undefined ? 0 : seconds(textOf(promql, first));
            }
            const { name = "" } = selectorOf(promql, node);
            found.set(name, Math.max(found.get(name) ?? 0, length));
        });
    }
    return found;
}
