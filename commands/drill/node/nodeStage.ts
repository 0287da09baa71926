import { IMAGES } from "../../../components/versions";
import { prometheusOperatorCrds } from "../../../lab/cluster/crdFiles";
import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { BUILT_IMAGES, imagesNamed } from "../../../lab/cluster/node/images";
import { PAUSE_IMAGE } from "../../../lab/cluster/node/nodeConfig";
import { readyPod } from "../../../lab/cluster/node/podState";
import { fetchNodeTools, RealNode } from "../../../lab/cluster/node/realNode";
import { textAt } from "../../../lab/program/objects";
import type { Generated } from "../generated";
import { podSpecs } from "../podSpecs";
import { answers } from "../prometheusApi";
import { MONITORING } from "../settings";
import { findPod, Pod, Stage } from "../stage";
import {
    ALERTMANAGER_POD,
    monitoringObjects,
    operatorObjects,
    PROMETHEUS_POD,
    scrapingObjects,
} from "./monitoringObjects";
import { breakContainer, NodePod, repairContainer } from "./nodePod";
import { podHost, redisObjects } from "./redisObjects";

export interface NodeStageOptions {
    readonly node: RealNode;
    readonly generated: Generated;
    /** Divides every interval. */
    readonly factor: number;
}

/** What the pods of a drill ask for. */
const nodeImages = () =>
    imagesNamed([
        ...[PAUSE_IMAGE, IMAGES.redis, IMAGES.redisSentinel, IMAGES.redisExporter, IMAGES.node],
        ...Object.values(BUILT_IMAGES).map((name) => name()),
    ]);

/** Builds and downloads everything that the stage needs: inside a sandbox there is no network. */
export async function fetchForNode(): Promise<void> {
    await fetchNodeTools();
    await nodeImages();
    await prometheusOperatorCrds();
}

/** Redis, exporters, Prometheus and Alertmanager as pods of a real node, where the operator's Prometheus finds them. */
export class NodeStage implements Stage {
    readonly description: readonly string[] = [
        "a real node in namespaces of the run's own: containerd, kubelet, kube-proxy, CoreDNS, a Kubernetes API",
        "Redis, Sentinel, exporters, Alertmanager, Prometheus and the relay to group chats are pods, in our namespaces with their levels of Pod Security",
        "the Prometheus Operator runs Prometheus and Alertmanager from our ServiceMonitors, rules and Secrets",
        "in the place of the Redis operator, the drill makes the Services, labels and pods of its custom resources",
        "one Prometheus and one Alertmanager; prod has more of both. Images are made here, of built programs and of Debian's",
    ];
    private redisPods: readonly NodePod[] = [];
    private address = "";

    private constructor(private readonly options: NodeStageOptions) {}

    static async start(options: NodeStageOptions): Promise<NodeStage> {
        const stage = new NodeStage(options);
        await stage.startAll();
        return stage;
    }

    get prometheusUrl(): string {
        return `http://${this.address}:9090`;
    }

    get pods(): string[] {
        return this.redisPods.map(({ name }) => name);
    }

    pod(app: string, index: number): Pod {
        return findPod(this.redisPods, app, index);
    }

    check(): void {
        this.options.node.plane.processes.check();
    }

    killPrometheus(): Promise<void> {
        return breakContainer(this.options.node, MONITORING, PROMETHEUS_POD, "prometheus");
    }

    async startPrometheus(): Promise<void> {
        await repairContainer(this.options.node, MONITORING, PROMETHEUS_POD, "prometheus");
        await this.prometheusReady();
    }

    private async startAll(): Promise<void> {
        const { node, generated, factor } = this.options;
        for (const image of await nodeImages()) {
            await node.addImage(image);
        }
        await this.apply([
            ...generated.namespaces,
            ...(await prometheusOperatorCrds()),
            ...operatorObjects(),
            ...generated.relay.objects,
            ...generated.passwordSecrets,
        ]);
        const specs = podSpecs(generated, factor, (pod, app, { kind }) => ({
            host: podHost(pod, app),
            port: kind === "RedisSentinel" ? 26379 : 6379,
        }));
        const apps = [...new Set(specs.map(({ app }) => app))];
        this.redisPods = specs.map((spec) => new NodePod(spec, node));
        for (const app of apps) {
            // Sentinels come last, and start only when the name of their master is known.
            await this.apply(redisObjects(specs.filter((spec) => spec.app === app)));
            const own = this.redisPods.filter((pod) => pod.app === app);
            await Promise.all(own.map((pod) => pod.ready()));
        }
        await this.apply([
            ...monitoringObjects(generated, factor),
            ...scrapingObjects(generated, factor),
        ]);
        await readyPod(node.plane, MONITORING, ALERTMANAGER_POD);
        await this.prometheusReady();
    }

    private async apply(objects: readonly object[]): Promise<void> {
        const { plane } = this.options.node;
        for (const object of objects) {
            const { kind, metadata } = object as LiveObject;
            // A kind is known a moment after its CRD.
            await plane.eventually(`the API server takes ${kind} ${metadata.name}`, 20, () =>
                plane.client.apply(object, "drill"),
            );
        }
    }

    private async prometheusReady(): Promise<void> {
        const { plane } = this.options.node;
        this.address = textAt(await readyPod(plane, MONITORING, PROMETHEUS_POD), "status", "podIP");
        await plane.eventually("Prometheus is ready", 60, () =>
            answers(`${this.prometheusUrl}/-/ready`),
        );
    }
}
