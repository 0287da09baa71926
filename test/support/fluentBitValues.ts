import { nodeValues } from "../../components/logging/fluentBitValues";
import type { HelmValues } from "../../components/kubernetes/helmRelease";

/** The values of the Fluent Bit of every node, with names and programs that no test reads. */
export function fluentBitValues(): HelmValues {
    return nodeValues(
        { file: "", script: "" },
        { userSecret: "a", caConfigMap: "b", caFingerprint: "c", priorityClass: "d", shellImage: "e" },
    );
}
