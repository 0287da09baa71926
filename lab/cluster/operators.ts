import { gunzipSync } from "node:zlib";

import { textAt, valueAt } from "../program/objects";
import { tools } from "../tools/goTools";
import { pinnedVersion } from "../tools/toolFamilies";
import type { ControlPlane } from "./controlPlane";
import type { LiveObject } from "./kubeClient";
import { freePorts } from "./ports";

const RELOADER = "quay.io/prometheus-operator/prometheus-config-reloader";
const OPERATOR = "github.com/prometheus-operator/prometheus-operator";

/** Runs the Prometheus Operator and ECK beside the control plane: their pods are simulated and reconcile nothing. */
export async function startOperators(plane: ControlPlane): Promise<void> {
    await startPrometheusOperator(plane);
    const paths = await tools("eck-operator");
    const env = { ...process.env, KUBECONFIG: plane.kubeconfig };
    plane.processes.start(
        "eck-operator",
        paths["eck-operator"],
        [
            "manager",
            "--operator-namespace=elastic-system",
            // It is alone, and its lease would go with its namespace before it.
            "--enable-leader-election=false",
            // The API server calls no webhook here; the same checks run when the operator reconciles.
            ...["--enable-webhook=false", "--metrics-port=0", "--disable-telemetry"],
        ],
        env,
    );
}

/** Runs the Prometheus Operator alone, once its CRDs are served: it leaves out for good what it does not find as it starts. */
export async function startPrometheusOperator(plane: ControlPlane): Promise<void> {
    const { processes, kubeconfig } = plane;
    await plane.eventually("the API server serves the Prometheus Operator's CRDs", 60, () =>
        servesPrometheusOperator(plane),
    );
    const paths = await tools("prometheus-operator");
    const [port = 0] = await freePorts(1);
    const reloader = `${RELOADER}:${pinnedVersion("prometheus-operator", OPERATOR)}`;
    processes.start(
        "prometheus-operator",
        paths["prometheus-operator"],
        [
            `-web.listen-address=127.0.0.1:${port}`,
            `-prometheus-config-reloader=${reloader}`,
            "-kubelet-endpoints=false",
        ],
        { ...process.env, KUBECONFIG: kubeconfig },
    );
}

async function servesPrometheusOperator({ client }: ControlPlane): Promise<true | undefined> {
    const crds = await client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    const kinds = crds.filter(({ spec }) => textAt(spec, "group") === "monitoring.coreos.com");
    for (const { spec } of kinds) {
        const version = textAt(spec, "versions", "0", "name");
        await client.list(`monitoring.coreos.com/${version}`, textAt(spec, "names", "kind"));
    }
    return kinds.length > 0 || undefined;
}

/** The configuration that the Prometheus Operator made for the Prometheus of the cluster, as YAML. */
export function prometheusConfig(plane: ControlPlane): Promise<string> {
    return plane.eventually("the operator makes Prometheus' configuration", 60, async () => {
        const name = "prometheus-kube-prometheus-stack-prometheus";
        const secret = await plane.client.find("v1", "Secret", "monitoring", name);
        const packed = secret && valueAt(secret, "data", "prometheus.yaml.gz");
        return packed ? gunzipSync(Buffer.from(packed as string, "base64")).toString() : undefined;
    });
}

/** The rule files that the Prometheus Operator made: texts by their file's name. */
export async function ruleFiles({
    client,
}: Pick<ControlPlane, "client">): Promise<Map<string, string>> {
    const maps = await client.list("v1", "ConfigMap", "monitoring");
    const files = maps
        .filter(({ metadata }) =>
            metadata.name.startsWith("prometheus-kube-prometheus-stack-prometheus-rulefiles-"),
        )
        .flatMap(({ data }) => Object.entries((data ?? {}) as Record<string, string>));
    return new Map(files);
}

/** Names and messages of warnings about our objects: what an operator refused it says in an event. */
export async function warningEvents({ client }: Pick<ControlPlane, "client">): Promise<string[]> {
    const events: LiveObject[] = await client.list("v1", "Event");
    return events
        .filter(({ type }) => type === "Warning")
        .map((event) => {
            const { kind, name, namespace } = event.involvedObject as Record<string, string>;
            return `${kind} ${namespace}/${name}: ${textAt(event, "reason")}: ${textAt(event, "message")}`;
        });
}
