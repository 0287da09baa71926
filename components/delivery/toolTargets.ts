import { ENVOY, ENVOY_PORT } from "../kubernetes/envoy";
import type { ForeignTarget } from "../kubernetes/foreignMonitors";
import { Labels, PART_OF } from "../kubernetes/labels";
import type { DeliverySettings } from "./settings";

export type Tool = "flux" | "argocd" | "flagger" | "istio";

/** A Service that Istio lacks, for the proxies of a gateway. */
export interface GatewayService {
    readonly name: string;
    readonly labels: Labels;
    readonly port: number;
    readonly portName: string;
}

/** A target of a tool that is there already. */
export interface ToolTarget {
    readonly tool: Tool;
    readonly target: Omit<ForeignTarget, "labels" | "interval">;
    readonly job: string;
    /** What is blind without it. */
    readonly knows: string;
    /** By which its pods are known. */
    readonly pods: { readonly namespace: string; readonly podLabels: Labels };
    /** What must be made before it can be selected. */
    readonly service?: GatewayService;
}

/** Everything of the tools that is scraped. */
export function toolTargets({
    delivery: { flux, argocd, flagger },
    mesh: { istio },
}: Pick<DeliverySettings, "delivery" | "mesh">): ToolTarget[] {
    return [
        ...(flux
            ? flux.controllers.map((controller) =>
                  pods("flux", flux.namespace, controller, {
                      podLabels: { app: controller },
                      port: "http-prom",
                      knows: "alerts on overdue reconciliations",
                  }),
              )
            : []),
        ...(argocd ? argoTargets(argocd.namespace) : []),
        ...(flagger
            ? [
                  pods("flagger", flagger.namespace, "flagger", {
                      // Of its chart.
                      podLabels: { "app.kubernetes.io/name": "flagger" },
                      port: "http",
                      // Its metrics are about canaries of other namespaces.
                      honorLabels: true,
                      knows: "alerts on canaries",
                  }),
              ]
            : []),
        ...(istio ? istioTargets(istio) : []),
    ];
}

function pods(
    tool: Tool,
    namespace: string,
    job: string,
    {
        podLabels,
        knows,
        ...target
    }: Pick<ForeignTarget, "port" | "honorLabels"> & {
        readonly podLabels: Labels;
        readonly knows: string;
    },
): ToolTarget {
    return {
        tool,
        job,
        knows,
        pods: { namespace, podLabels },
        target: { ...target, namespace, selector: { matchLabels: podLabels } },
    };
}

/** Ports by component: https://argo-cd.readthedocs.io/en/stable/operator-manual/metrics/. */
const ARGO_CD = {
    "argocd-application-controller": 8082,
    "argocd-server": 8083,
    "argocd-repo-server": 8084,
    "argocd-applicationset-controller": 8080,
};

function argoTargets(namespace: string): ToolTarget[] {
    return Object.entries(ARGO_CD).map(([component, port]) =>
        pods("argocd", namespace, component, {
            podLabels: { "app.kubernetes.io/name": component },
            port,
            // An Application's own namespace, and not the controller's.
            honorLabels: true,
            knows:
                component === "argocd-application-controller"
                    ? "alerts on applications of Argo CD"
                    : "dashboards of Argo CD",
        }),
    );
}

function istioTargets({
    namespace,
    gateways,
}: NonNullable<DeliverySettings["mesh"]["istio"]>): ToolTarget[] {
    const podLabels = { app: "istiod" };
    return [
        {
            tool: "istio",
            job: "istiod",
            knows: "alerts on refused configurations",
            pods: { namespace, podLabels },
            // The Service, whose port has had its name for longer than the container's.
            target: {
                namespace,
                selector: { matchLabels: podLabels },
                service: true,
                port: "http-monitoring",
            },
        },
        ...Object.entries(gateways).map(([gateway, settings]) => gatewayTarget(gateway, settings)),
    ];
}

function gatewayTarget(
    gateway: string,
    { namespace, selector }: NonNullable<DeliverySettings["mesh"]["istio"]>["gateways"][string],
): ToolTarget {
    const job = `istio-${gateway}`;
    const labels = {
        ...PART_OF,
        "app.kubernetes.io/name": job,
        "app.kubernetes.io/component": "gateway-metrics",
    };
    return {
        tool: "istio",
        job,
        knows: "alerts on requests through it",
        pods: { namespace, podLabels: selector },
        service: { name: `${job}-metrics`, labels, port: ENVOY_PORT, portName: ENVOY.port },
        target: { namespace, selector: { matchLabels: labels }, service: true, ...ENVOY },
    };
}
