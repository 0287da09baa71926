import { readyPod } from "../../../lab/cluster/node/podState";
import { killProcess, NODE_NAME, RealNode } from "../../../lab/cluster/node/realNode";
import { listAt, textAt } from "../../../lab/program/objects";
import type { PodSpec } from "../podSpecs";
import { redisCli } from "../redisCli";
import { NAMESPACE } from "../settings";
import type { Pod, RedisServer } from "../stage";

const EXPORTER = "redis-exporter";
/** No image has this tag: a container that asks for it cannot start. */
const BROKEN_TAG = "-gone";

/** A Redis or Sentinel pod on the node, of a StatefulSet. */
export class NodePod implements Pod {
    readonly name: string;
    /** Value of its label `app`. */
    readonly app: string;
    private address = "";

    constructor(
        private readonly spec: PodSpec,
        private readonly node: RealNode,
    ) {
        this.name = spec.name;
        this.app = spec.app;
    }

    get server(): RedisServer {
        const { address, password } = this.spec;
        return { host: this.address, port: address.port, password };
    }

    /** Waits until the pod runs and Redis answers. */
    async ready(): Promise<void> {
        const { plane } = this.node;
        const pod = await readyPod(plane, NAMESPACE, this.name);
        this.address = textAt(pod, "status", "podIP");
        await plane.eventually(`Redis of ${this.name} answers`, 30, async () =>
            (await redisCli(this.server, "PING")).startsWith("PONG") ? true : undefined,
        );
    }

    /** On a cordoned node, the StatefulSet's next pod finds no place. */
    async kill(): Promise<void> {
        const { node } = this;
        const { client } = node.plane;
        await this.cordon(true);
        const pod = await client.get("v1", "Pod", NAMESPACE, this.name);
        const processes = await Promise.all(
            [this.app, EXPORTER].map((each) => node.processOf(NAMESPACE, this.name, each)),
        );
        await client.delete(pod);
        processes.forEach(killProcess);
    }

    async start(): Promise<void> {
        await this.cordon(false);
        await this.ready();
    }

    stopRedis(): Promise<void> {
        return breakContainer(this.node, NAMESPACE, this.name, this.app);
    }

    async startRedis(): Promise<void> {
        await repairContainer(this.node, NAMESPACE, this.name, this.app);
        await this.ready();
    }

    killExporter(): Promise<void> {
        return breakContainer(this.node, NAMESPACE, this.name, EXPORTER);
    }

    startExporter(): Promise<void> {
        return repairContainer(this.node, NAMESPACE, this.name, EXPORTER);
    }

    private async cordon(unschedulable: boolean): Promise<void> {
        const { client } = this.node.plane;
        const node = await client.get("v1", "Node", "", NODE_NAME);
        await client.patch(node, { spec: { unschedulable } });
    }
}

/** Ends a container as a crash would; it cannot start again, as after the roll-out of an image that is not there. */
export async function breakContainer(
    node: RealNode,
    namespace: string,
    pod: string,
    container: string,
): Promise<void> {
    const running = await node.processOf(namespace, pod, container);
    await setImage(node, namespace, pod, container, (image) => `${image}${BROKEN_TAG}`);
    killProcess(running);
}

/** Gives the container its image back and waits until it runs. */
export async function repairContainer(
    node: RealNode,
    namespace: string,
    pod: string,
    container: string,
): Promise<void> {
    await setImage(node, namespace, pod, container, (image) => image.replace(BROKEN_TAG, ""));
    await readyPod(node.plane, namespace, pod);
}

/** The one change to a running pod's containers that the API server takes. */
async function setImage(
    { plane: { client } }: RealNode,
    namespace: string,
    name: string,
    container: string,
    change: (image: string) => string,
): Promise<void> {
    const pod = await client.get("v1", "Pod", namespace, name);
    const containers = listAt(pod, "spec", "containers") as { name: string; image: string }[];
    await client.patch(pod, {
        spec: {
            containers: containers.map((each) =>
                each.name === container ? { ...each, image: change(each.image) } : each,
            ),
        },
    });
}
