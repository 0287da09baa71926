import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { parseAllDocuments, stringify } from "yaml";

import { eventually } from "../tools/commands";
import { moduleSources, tools } from "../tools/goTools";
import { certificateRequest, signedCertificate } from "./certificates";
import { certificate, privateKey } from "./generated";
import { KubeClient } from "./kubeClient";
import { freePorts } from "./ports";
import { Processes } from "./processes";

/** Contexts of the kubeconfig; all are the same cluster. */
const CONTEXTS = ["staging", "prod"];
/** Label of a simulated node. */
export const SIMULATED_NODE = { "kwok.x-k8s.io/node": "fake" };
const ZONES = ["a", "b", "c"];
/** kwok's behaviours, from its module: nodes and pods that are ready at once, and volumes that get bound. */
const STAGES = [
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
    "volume/fast/pvc-provision.yaml",
    "volume/fast/pv-bind.yaml",
    "volume/fast/pvc-delete.yaml",
    "volume/fast/pv-delete.yaml",
];
const STORAGE_CLASS = "volume/fast/storage-class.yaml";

/** What it is made of, without the nodes. */
export const CONTROL_PLANE_TOOLS = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
] as const;

export interface ControlPlaneOptions {
    /** An address of this machine at which pods of a real node reach the API server; without it, only loopback does. */
    readonly advertise?: string;
    /** False when a real node is to be the only one, or none is needed. */
    readonly simulatedNodes?: boolean;
    /** Whether the API server passes requests on to others, as its APIServices say. */
    readonly aggregation?: boolean;
    /** Further flags of the controller manager. */
    readonly controllerFlags?: readonly string[];
}

interface Ports {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly api: number;
    readonly controllerManager: number;
    readonly scheduler: number;
}

/**
 * A Kubernetes API on loopback with its controllers, a scheduler and simulated nodes in three zones, on which pods
 * become Running at once and claims get bound. Its data is in a temporary folder. Pods answer nothing.
 */
export class ControlPlane {
    public readonly client: KubeClient;
    public readonly kubeconfig: string;

    private constructor(
        public readonly processes: Processes,
        private readonly ports: Ports,
        private readonly options: ControlPlaneOptions,
    ) {
        const pki = path.join(processes.folder, "pki");
        const token = randomBytes(16).toString("hex");
        fs.mkdirSync(pki, { mode: 0o700 });
        fs.writeFileSync(path.join(pki, "tokens.csv"), `${token},admin,admin,system:masters\n`);
        const host = options.advertise ?? "127.0.0.1";
        this.client = new KubeClient({
            host,
            port: ports.api,
            token,
            ca: () => fs.readFileSync(path.join(pki, "apiserver.crt"), "utf8"),
            check: () => processes.check(),
        });
        this.kubeconfig = path.join(processes.folder, "kubeconfig");
        const server = `https://${host}:${ports.api}`;
        const ca = path.join(pki, "apiserver.crt");
        const config = {
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name: "local", cluster: { server, "certificate-authority": ca } }],
            users: [{ name: "admin", user: { token } }],
            contexts: CONTEXTS.map((name) => ({
                name,
                context: { cluster: "local", user: "admin" },
            })),
            "current-context": CONTEXTS[0],
        };
        fs.writeFileSync(this.kubeconfig, stringify(config), { mode: 0o600 });
    }

    /** Builds what is missing and starts it all. Throws, with everything stopped, when something does not start. */
    static async start(
        chosen: Partial<Ports> = {},
        options: ControlPlaneOptions = {},
    ): Promise<ControlPlane> {
        const paths = await tools(...CONTROL_PLANE_TOOLS);
        const [etcd = 0, etcdPeer = 0, api = 0, controllerManager = 0, scheduler = 0] =
            await freePorts(5);
        const ports = { etcd, etcdPeer, api, controllerManager, scheduler, ...chosen };
        const plane = new ControlPlane(new Processes(), ports, options);
        try {
            await plane.startApi(paths);
            plane.startControllers(paths);
            if (options.simulatedNodes ?? true) {
                await plane.startNodes();
            }
            // Pods are refused until the controllers have made the namespace's ServiceAccount.
            await plane.eventually("the controllers work", 60, () =>
                plane.client.find("v1", "ServiceAccount", "default", "default"),
            );
        } catch (error) {
            await plane.stop();
            throw error;
        }
        return plane;
    }

    async stop(): Promise<void> {
        this.client.close();
        await this.processes.stopAll();
    }

    /**
     * Calls `check` until it gives something; throws what it lacked when the time is over, and at once when a process of
     * the control plane ended.
     */
    async eventually<T>(
        what: string,
        seconds: number,
        check: () => Promise<T | undefined>,
    ): Promise<T> {
        const watched = async () => {
            try {
                return await check();
            } finally {
                this.processes.check();
            }
        };
        return eventually(what, seconds, watched, 200);
    }

    private async startApi(paths: Record<"etcd" | "kube-apiserver", string>): Promise<void> {
        const { processes, ports } = this;
        const { folder } = processes;
        const etcd = `http://127.0.0.1:${ports.etcd}`;
        const peer = `http://127.0.0.1:${ports.etcdPeer}`;
        processes.start("etcd", paths.etcd, [
            `--data-dir=${path.join(folder, "etcd")}`,
            ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
            ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
            `--initial-cluster=default=${peer}`,
            // The data lives as long as the run.
            "--unsafe-no-fsync",
        ]);
        const pki = path.join(folder, "pki");
        fs.writeFileSync(path.join(pki, "sa.key"), privateKey("pkcs1"), { mode: 0o600 });
        processes.start("kube-apiserver", paths["kube-apiserver"], [
            `--etcd-servers=${etcd}`,
            `--cert-dir=${pki}`,
            ...this.listen(),
            `--secure-port=${ports.api}`,
            "--service-cluster-ip-range=10.96.0.0/16",
            ...[`--service-account-key-file=${path.join(pki, "sa.key")}`],
            `--service-account-signing-key-file=${path.join(pki, "sa.key")}`,
            "--service-account-issuer=https://kubernetes.default.svc",
            `--token-auth-file=${path.join(pki, "tokens.csv")}`,
            ...["--authorization-mode=RBAC", "--allow-privileged=true"],
            ...(this.options.aggregation ? await frontProxy(pki) : []),
        ]);
        await this.eventually("the API server gets ready", 60, () => this.client.raw("/readyz"));
    }

    /** On loopback the Service `kubernetes` leads nowhere. */
    private listen(): string[] {
        const { advertise } = this.options;
        return advertise
            ? [
                  "--bind-address=0.0.0.0",
                  `--advertise-address=${advertise}`,
                  // Nobody knows the nodes by their names.
                  "--kubelet-preferred-address-types=InternalIP",
              ]
            : ["--bind-address=127.0.0.1", "--endpoint-reconciler-type=none"];
    }

    private startControllers(
        paths: Record<"kube-controller-manager" | "kube-scheduler", string>,
    ): void {
        const { processes, ports, kubeconfig } = this;
        const pki = path.join(processes.folder, "pki");
        const common = [
            `--kubeconfig=${kubeconfig}`,
            "--bind-address=127.0.0.1",
            "--leader-elect=false",
        ];
        processes.start("kube-controller-manager", paths["kube-controller-manager"], [
            ...common,
            `--secure-port=${ports.controllerManager}`,
            `--cert-dir=${path.join(pki, "controller-manager")}`,
            `--service-account-private-key-file=${path.join(pki, "sa.key")}`,
            `--root-ca-file=${path.join(pki, "apiserver.crt")}`,
            "--use-service-account-credentials=true",
            ...(this.options.controllerFlags ?? []),
        ]);
        processes.start("kube-scheduler", paths["kube-scheduler"], [
            ...common,
            `--secure-port=${ports.scheduler}`,
            `--cert-dir=${path.join(pki, "scheduler")}`,
        ]);
    }

    private async startNodes(): Promise<void> {
        const { kwok } = await tools("kwok");
        const sources = await moduleSources("kwok", "sigs.k8s.io/kwok");
        const stages = path.join(sources, "kustomize/stage");
        const { processes, client } = this;
        const config = path.join(processes.folder, "kwok.yaml");
        const texts = STAGES.map((file) => fs.readFileSync(path.join(stages, file), "utf8"));
        fs.writeFileSync(config, texts.join("\n---\n"));
        processes.start("kwok", kwok, [
            `--kubeconfig=${this.kubeconfig}`,
            "--manage-nodes-with-label-selector=kwok.x-k8s.io/node=fake",
            "--node-lease-duration-seconds=40",
            `--config=${config}`,
        ]);
        const storage = fs.readFileSync(path.join(stages, STORAGE_CLASS), "utf8");
        for (const document of parseAllDocuments(storage)) {
            await client.apply(
                { ...(document.toJS() as object), allowVolumeExpansion: true },
                "control-plane",
            );
        }
        for (const zone of ZONES) {
            await client.apply(node(`node-${zone}`, zone), "control-plane");
        }
        await this.eventually("the simulated nodes get ready", 60, async () => {
            const nodes = await client.list("v1", "Node");
            const ready = nodes.filter(({ status }) =>
                (status as NodeStatus).conditions?.some(
                    (each) => each.type === "Ready" && each.status === "True",
                ),
            );
            return ready.length === ZONES.length ? true : undefined;
        });
    }
}

/**
 * Flags with which those behind the API server believe whom it names, by certificates that it makes:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/.
 */
async function frontProxy(folder: string): Promise<string[]> {
    const authorityKey = privateKey();
    const authority = await certificate(authorityKey);
    const key = privateKey();
    const request = await certificateRequest(key, "front-proxy-client", []);
    const files = {
        "front-proxy-ca.crt": authority,
        "front-proxy-client.crt": await signedCertificate(request, authority, authorityKey),
        "front-proxy-client.key": key,
    };
    const at = (file: keyof typeof files) => path.join(folder, file);
    for (const [file, content] of Object.entries(files)) {
        fs.writeFileSync(path.join(folder, file), content, { mode: 0o600 });
    }
    return [
        `--requestheader-client-ca-file=${at("front-proxy-ca.crt")}`,
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        `--proxy-client-cert-file=${at("front-proxy-client.crt")}`,
        `--proxy-client-key-file=${at("front-proxy-client.key")}`,
    ];
}

interface NodeStatus {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

function node(name: string, zone: string): object {
    const size = { cpu: "32", memory: "128Gi", pods: "1000", "ephemeral-storage": "500Gi" };
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name,
            labels: {
                ...SIMULATED_NODE,
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": `zone-${zone}`,
            },
        },
        status: { allocatable: size, capacity: size },
    };
}
