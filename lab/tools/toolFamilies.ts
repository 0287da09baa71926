import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "../program/stackFile";

/** Tools that one go.mod pins, below lab/tools/, and that are built alike. */
export interface ToolFamily {
    readonly folder: string;
    /** Go packages by the tool's name. */
    readonly packages: Readonly<Record<string, string>>;
    readonly tags?: string;
    /** Programs of our own beside go.mod. */
    readonly sources?: readonly string[];
    /** Variables that the linker sets, from the version in go.mod. */
    readonly stamp?: (version: string) => Readonly<Record<string, string>>;
    /** The module whose version `stamp` gets, and which `additions` complete. */
    readonly module?: string;
    /** Files, by their path in `module`, that a build needs and the module does not have. */
    readonly additions?: Readonly<Record<string, string>>;
}

/** Families whose dependencies conflict have a go.mod each. */
const FAMILIES = [
    {
        folder: "prometheus",
        packages: {
            promtool: "github.com/prometheus/prometheus/cmd/promtool",
            prometheus: "github.com/prometheus/prometheus/cmd/prometheus",
            amtool: "github.com/prometheus/alertmanager/cmd/amtool",
        },
        // The other kinds of service discovery are half of the build, and no configuration of ours has them.
        tags: "remove_all_sd,enable_kubernetes_sd",
    },
    {
        folder: "alertmanager",
        packages: { alertmanager: "github.com/prometheus/alertmanager/cmd/alertmanager" },
        module: "github.com/prometheus/alertmanager",
        // The module lacks the built web page, without which its package does not compile.
        additions: { "ui/app/dist/index.html": "" },
    },
    {
        folder: "prometheus-operator",
        packages: {
            "prometheus-operator":
                "github.com/prometheus-operator/prometheus-operator/cmd/operator",
            "prometheus-config-reloader":
                "github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader",
        },
    },
    {
        folder: "eck",
        packages: { "eck-operator": "github.com/elastic/cloud-on-k8s/v3/cmd" },
        module: "github.com/elastic/cloud-on-k8s/v3",
        stamp: (version) => ({
            "github.com/elastic/cloud-on-k8s/v3/pkg/about.version": version.slice(1),
            "github.com/elastic/cloud-on-k8s/v3/pkg/about.buildSnapshot": "false",
        }),
    },
    { folder: "etcd", packages: { etcd: "go.etcd.io/etcd/server/v3" } },
    {
        folder: "kubernetes",
        packages: {
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            kubelet: "k8s.io/kubernetes/cmd/kubelet",
            "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy",
        },
        module: "k8s.io/kubernetes",
        // Charts with a `kubeVersion` refuse an API server without a version.
        stamp: kubernetesStamp,
    },
    { folder: "kwok", packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok" } },
    { folder: "helm", packages: { helm: "helm.sh/helm/v3/cmd/helm" } },
    {
        folder: "containerd",
        packages: {
            containerd: "github.com/containerd/containerd/v2/cmd/containerd",
            "containerd-shim-runc-v2":
                "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
            ctr: "github.com/containerd/containerd/v2/cmd/ctr",
        },
        // Snapshotters that need C libraries or kernel modules.
        tags: "no_btrfs,no_devmapper,no_zfs",
    },
    { folder: "versitygw", packages: { versitygw: "github.com/versity/versitygw/cmd/versitygw" } },
    {
        folder: "oauth2-proxy",
        packages: { "oauth2-proxy": "github.com/oauth2-proxy/oauth2-proxy/v7" },
    },
    // Nothing is built: its sources have the CRDs.
    { folder: "gateway-api", packages: {} },
    { folder: "coredns", packages: { coredns: "github.com/coredns/coredns" } },
    {
        folder: "actionlint",
        packages: { actionlint: "github.com/rhysd/actionlint/cmd/actionlint" },
    },
    {
        // A program of ours around the CLI's own parser of stack files, of the version that package.json has.
        folder: "pulumi",
        packages: { stackconfig: "observability/lab/tools/pulumi/stackconfig" },
        sources: ["stackconfig/main.go"],
    },
    {
        folder: "keda",
        packages: {
            "keda-operator": "github.com/kedacore/keda/v2/cmd/operator",
            "keda-adapter": "github.com/kedacore/keda/v2/cmd/adapter",
        },
    },
    {
        folder: "flux",
        packages: {
            "source-controller": "github.com/fluxcd/source-controller",
            "kustomize-controller": "github.com/fluxcd/kustomize-controller",
        },
    },
    { folder: "flagger", packages: { flagger: "github.com/fluxcd/flagger/cmd/flagger" } },
    // One program, which is each of its components by the name in ARGOCD_BINARY_NAME.
    { folder: "argocd", packages: { argocd: "github.com/argoproj/argo-cd/v3/cmd" } },
    {
        folder: "node-exporter",
        packages: { "node-exporter": "github.com/prometheus/node_exporter" },
    },
    {
        folder: "kube-state-metrics",
        packages: { "kube-state-metrics": "k8s.io/kube-state-metrics/v2" },
    },
    {
        // Jaeger v2: its module goes on with the numbers of v1.
        folder: "jaeger",
        packages: {
            jaeger: "github.com/jaegertracing/jaeger/cmd/jaeger",
            "es-index-cleaner": "github.com/jaegertracing/jaeger/cmd/es-index-cleaner",
        },
    },
] as const satisfies readonly ToolFamily[];

type KeyOf<T> = T extends unknown ? keyof T : never;
export type Tool = KeyOf<(typeof FAMILIES)[number]["packages"]>;
export type Family = (typeof FAMILIES)[number]["folder"];

export const TOOL_FAMILIES: readonly ToolFamily[] = FAMILIES;

/** The folder with the family's go.mod. */
export function moduleFolder(folder: string): string {
    return path.join(ROOT, "lab/tools", folder);
}

/**
 * Variables for the `go` that is run in a family's folder. A go.mod with a `toolchain` gets that Go, which the module proxy has:
 * GOTOOLCHAIN is `local` on many machines, and the one that is installed too old for it.
 */
export function goVariables(folder: string): NodeJS.ProcessEnv {
    const text = fs.readFileSync(path.join(moduleFolder(folder), "go.mod"), "utf8");
    const [, toolchain] = /^toolchain (\S+)$/m.exec(text) ?? [];
    return { ...process.env, ...(toolchain === undefined ? {} : { GOTOOLCHAIN: toolchain }) };
}

/** `v1.2.3` of a module, as the family's go.mod requires it. Throws when it does not. */
export function pinnedVersion(folder: string, module: string): string {
    const text = fs.readFileSync(path.join(moduleFolder(folder), "go.mod"), "utf8");
    const line = text.split("\n").find((each) => each.trim().startsWith(`${module} v`));
    const version = line?.trim().split(" ")[1];
    if (version === undefined) {
        throw new Error(`lab/tools/${folder}/go.mod does not require ${module}`);
    }
    return version;
}

/** Text for `-ldflags`: no symbol table, and the stamped variables. */
export function linkerFlags({ folder, module, stamp }: ToolFamily): string {
    const variables = stamp && module ? Object.entries(stamp(pinnedVersion(folder, module))) : [];
    return ["-s -w", ...variables.map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}

/** A name that changes with what is built: the pinned versions and the way of building. */
export function fingerprint(family: ToolFamily): string {
    const hash = createHash("sha256");
    for (const file of ["go.mod", "go.sum", ...(family.sources ?? [])]) {
        hash.update(fs.readFileSync(path.join(moduleFolder(family.folder), file)));
    }
    hash.update(
        JSON.stringify([family.packages, family.tags, linkerFlags(family), family.additions]),
    );
    return `${family.folder}-${hash.digest("hex").slice(0, 16)}`;
}

function kubernetesStamp(version: string): Record<string, string> {
    const [, major = "", minor = ""] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
    const variables = {
        gitVersion: version,
        gitMajor: major,
        gitMinor: minor,
        gitTreeState: "clean",
    };
    return Object.fromEntries(
        ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((folder) =>
            Object.entries(variables).map(([name, value]) => [`${folder}.${name}`, value]),
        ),
    );
}
