import type { ControlPlane } from "../../../lab/cluster/controlPlane";
import { eckCrds, prometheusOperatorCrds } from "../../../lab/cluster/crdFiles";
import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { provideVolumes } from "../../../lab/cluster/node/hostVolumes";
import {
    BUILT_IMAGES,
    imagesNamed,
    MADE_REPOSITORIES,
    repositoryOf,
} from "../../../lab/cluster/node/images";
import { PAUSE_IMAGE } from "../../../lab/cluster/node/nodeConfig";
import { fetchNodeTools, NODE_NAME, RealNode } from "../../../lab/cluster/node/realNode";
import { startOperators } from "../../../lab/cluster/operators";
import { valueAt } from "../../../lab/program/objects";
import { moduleSources, tools } from "../../../lab/tools/goTools";
import { reconcileRedis } from "../redisStandIn";
import { CaseStacks, CHARTS } from "../world";
import { monitoringReport, NodeReport, readyPods } from "./nodeReport";
import { isSentToNode, PROBE, steering } from "./steering";

const PROMETHEUS = "prometheus-kube-prometheus-stack-prometheus";
const ALERTMANAGER = "alertmanager-kube-prometheus-stack-alertmanager";

/** The Prometheus Operator's own pod is not run: a process beside the control plane does its work. */
const REPOSITORIES = MADE_REPOSITORIES.filter(
    (each) => each !== repositoryOf(BUILT_IMAGES.operator()),
);

/** Builds and downloads everything that is needed: inside a sandbox there is no network. */
export async function fetchForStaging(): Promise<void> {
    await fetchNodeTools();
    await tools("kwok", "prometheus-operator", "prometheus-config-reloader", "eck-operator");
    await imagesNamed(REPOSITORIES);
    await moduleSources("kwok", "sigs.k8s.io/kwok");
    await prometheusOperatorCrds();
    await eckCrds();
    if (CHARTS) {
        await tools("helm");
    }
}

/** Brings staging up on a control plane with simulated nodes and a real one; reports on what runs there. */
export async function stagingOnNode(): Promise<NodeReport> {
    const node = await RealNode.prepare({ simulatedNodes: true });
    try {
        return await bringUp(node);
    } finally {
        await node.stop();
    }
}

async function bringUp(node: RealNode): Promise<NodeReport> {
    const { plane } = node;
    const volumes = await provideVolumes(plane);
    try {
        await steer(plane);
        const stacks = await new CaseStacks(plane, "staging").up();
        await startOperators(plane);
        const unapplied = stacks.flatMap(({ stack }) => [...stack.unapplied.values()]);
        await reconcileRedis(plane.client, unapplied);
        for (const image of await imagesNamed([PAUSE_IMAGE, ...(await askedImages(plane))])) {
            await node.addImage(image);
        }
        await node.join();
        return await report(plane);
    } finally {
        await volumes.stop();
    }
}

async function steer(plane: ControlPlane): Promise<void> {
    for (const object of steering(REPOSITORIES)) {
        await plane.client.apply(object, "steering");
    }
    await plane.eventually("pods are sent to their kind of node", 30, async () =>
        valueAt(await plane.client.dryRun(PROBE), "spec", "nodeSelector") ? true : undefined,
    );
}

/** The images that workloads ask for and that can be made, when the operators have made theirs. */
function askedImages(plane: ControlPlane): Promise<string[]> {
    return plane.eventually("the operators make Prometheus and Alertmanager", 60, async () => {
        const kinds = ["StatefulSet", "DaemonSet", "Deployment"];
        const lists = kinds.map((kind) => plane.client.list("apps/v1", kind));
        const workloads = (await Promise.all(lists)).flat();
        const names = workloads.map(({ metadata }) => metadata.name);
        return names.includes(PROMETHEUS) && names.includes(ALERTMANAGER)
            ? workloads.flatMap(({ spec }) => imagesOf(valueAt(spec, "template"))).filter(isMade)
            : undefined;
    });
}

async function report({ client }: ControlPlane): Promise<NodeReport> {
    const pods = await readyPods(client, isOnNode);
    const addressOf = (workload: string): string =>
        pods.find(({ name }) => name === `monitoring/${workload}-0`)?.address ?? "";
    return pods.some(({ problem }) => problem)
        ? { pods, targets: [], rules: [], alertmanagers: [], routing: "", series: {} }
        : monitoringReport(
              pods,
              `${addressOf(PROMETHEUS)}:9090`,
              `${addressOf(ALERTMANAGER)}:9093`,
          );
}

/** A DaemonSet has a pod on the node also when its image cannot be made. */
function isOnNode(pod: LiveObject): boolean {
    return (
        isSentToNode(pod) ||
        (valueAt(pod, "spec", "nodeName") === NODE_NAME && imagesOf(pod).every(isMade))
    );
}

function imagesOf(pod: unknown): string[] {
    const lists = ["containers", "initContainers"].map((list) => valueAt(pod, "spec", list) ?? []);
    return (lists.flat() as { image: string }[]).map(({ image }) => image);
}

function isMade(image: string): boolean {
    return REPOSITORIES.includes(repositoryOf(image));
}
