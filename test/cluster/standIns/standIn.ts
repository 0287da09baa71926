import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { CHART_TARGETS, PODS } from "../../support/pods";
import type { ReleaseInputs } from "../releases";
import { kubePrometheusStack } from "./kubePrometheusStack";
import { keda } from "./keda";
import { workload } from "./workload";

/** What a chart would make and others refer to, where the chart itself is not at hand. */
export function standIn(release: ReleaseInputs): LiveObject[] {
    const { name, chart } = release;
    switch (chart.split("/").at(-1)) {
        case "kube-prometheus-stack":
            return kubePrometheusStack(release);
        case "eck-operator":
            return workload(name, PODS.elasticOperator, { "https-webhook": 9443 });
        case "redis-operator":
            return workload(name, PODS.redisOperator, CHART_TARGETS["redis-operator"].ports);
        case "fluent-bit":
            return workload(name, PODS.fluentBit, CHART_TARGETS["fluent-bit"].ports);
        case "prometheus-elasticsearch-exporter":
            return workload(
                "elasticsearch-exporter-prometheus-elasticsearch-exporter",
                PODS.elasticsearchExporter,
                CHART_TARGETS["elasticsearch-exporter"].ports,
            );
        case "keda":
            return keda(release);
        default:
            return [];
    }
}
