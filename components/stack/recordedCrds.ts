import type { CrdManifest } from "../redis/redisOperatorCrds";
import { CHARTS } from "../versions";
import { Recorded, textIn } from "./recordedState";

const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const OPERATOR = "redis-operator-release";

/**
 * The CRDs of the Redis operator as the last update left them, when its chart has not changed since: a preview then does
 * without reading the chart. The release depends on the CRDs, so they are of its version. Undefined when the chart
 * must be read.
 */
export function recordedCrds(
    recorded: readonly Recorded[],
    names: readonly string[],
): CrdManifest[] | undefined {
    const release = recorded.find(({ name }) => name === OPERATOR);
    if (textIn(release?.outputs, "version") !== CHARTS.redisOperator.version) {
        return undefined;
    }
    const found = recorded
        .filter(({ type, name }) => type === CRD && names.includes(name))
        .flatMap(({ outputs }) => {
            const { metadata, spec } = (outputs.__inputs ?? {}) as Partial<CrdManifest>;
            return metadata && spec ? [{ metadata, spec }] : [];
        });
    return found.length === names.length ? found : undefined;
}
