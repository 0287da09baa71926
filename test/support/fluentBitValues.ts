import type { HelmValues } from "../../components/kubernetes/helmRelease";
import { nodeValues } from "../../components/logging/fluentBitValues";

const NAMES = {
    userSecret: "a",
    caConfigMap: "b",
    caFingerprint: "c",
    priorityClass: "d",
    shellImage: "e",
};

/** The values of the Fluent Bit of every node, with names and programs that no test reads. */
export function fluentBitValues(): HelmValues {
    return nodeValues({ file: "", script: "" }, NAMES);
}
