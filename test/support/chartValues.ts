import { factFile, factFiles } from "../../lab/facts";

type Values = Readonly<Record<string, unknown>>;

/** Charts whose values are also those of their subcharts, below the subchart's name. */
const SUBCHARTS: Readonly<Record<string, readonly string[]>> = {
    "kube-prometheus-stack": ["grafana", "kube-state-metrics", "prometheus-node-exporter"],
};

/** Keys that a chart documents in comments only, or whose content is another format's. */
const FREE: Readonly<Record<string, readonly string[]>> = {
    "eck-operator": ["podSecurityContext"],
    // Probes are handed over whole.
    "fluent-bit": ["livenessProbe"],
    "kube-prometheus-stack": [
        "alertmanager.alertmanagerSpec.configSecret",
        "grafana.grafana.ini",
        "grafana.livenessProbe",
        "grafana.persistence.annotations",
        "grafana.persistence.storageClassName",
    ],
};

/** The default values of a chart, or undefined when they are not at hand. */
export function chartDefaults(chart: string, version: string): Values | undefined {
    const text = factFile(`charts/${chart}-${version}.values.json`);
    if (text === undefined) {
        return undefined;
    }
    const own = JSON.parse(text) as Values;
    return (SUBCHARTS[chart] ?? []).reduce<Values>((values, subchart) => {
        const file = factFiles("charts").find(
            (name) => name.startsWith(`${subchart}-`) && name.endsWith(".values.json"),
        );
        const defaults = JSON.parse(factFile(`charts/${file}`) ?? "{}") as Values;
        return { ...values, [subchart]: merge(defaults, values[subchart]) };
    }, own);
}

/** Paths of our values that a chart does not have: Helm ignores them without a word. */
export function unknownValues(chart: string, values: Values, defaults: Values): string[] {
    const unknown = (here: Values, known: Values, path: string): string[] =>
        Object.entries(here).flatMap(([key, value]) => {
            const full = `${path}${key}`;
            if (FREE[chart]?.includes(full)) {
                return [];
            }
            if (!(key in known)) {
                return [full];
            }
            const next = known[key];
            // An empty map by default takes anything.
            return isMap(value) && isMap(next) && Object.keys(next).length > 0
                ? unknown(value, next, `${full}.`)
                : [];
        });
    return unknown(values, defaults, "");
}

function merge(base: unknown, over: unknown): unknown {
    return isMap(base) && isMap(over)
        ? Object.fromEntries(
              [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [
                  key,
                  key in base && key in over
                      ? merge(base[key], over[key])
                      : (over[key] ?? base[key]),
              ]),
          )
        : (over ?? base);
}

function isMap(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
