import * as fs from "node:fs";
import * as path from "node:path";

import { parseAllDocuments } from "yaml";

import { factFile, factFiles } from "../facts";
import { moduleSources } from "../tools/goTools";
import type { Family } from "../tools/toolFamilies";
import type { LiveObject } from "./kubeClient";

const ARGO_CD = "github.com/argoproj/argo-cd/v3";

/** The CRDs of the Prometheus Operator, from its own sources. */
export function prometheusOperatorCrds(): Promise<LiveObject[]> {
    const module = "github.com/prometheus-operator/prometheus-operator";
    return fromModule("prometheus-operator", module, "example/prometheus-operator-crd");
}

/** The CRDs of ECK, from its own sources. */
export async function eckCrds(): Promise<LiveObject[]> {
    const crds = await fromModule("eck", "github.com/elastic/cloud-on-k8s/v3", "config/crds/v1");
    return crds;
}

/** The CRDs of KEDA, from its own sources. */
export function kedaCrds(): Promise<LiveObject[]> {
    return fromModule("keda", "github.com/kedacore/keda/v2", "config/crd/bases");
}

/** The CRDs of the Gateway API's standard channel, from its own sources. */
export async function gatewayCrds(): Promise<LiveObject[]> {
    const all = await fromModule("gateway-api", "sigs.k8s.io/gateway-api", "config/crd/standard");
    return all.filter(({ kind }) => kind === "CustomResourceDefinition");
}

/** The CRDs of Flux' source-controller and kustomize-controller, from their own sources. */
export async function fluxCrds(): Promise<LiveObject[]> {
    const controllers = ["source-controller", "kustomize-controller"];
    const crds = controllers.map((each) =>
        fromModule("flux", `github.com/fluxcd/${each}`, "config/crd/bases"),
    );
    return (await Promise.all(crds)).flat();
}

/** The CRDs of Flagger, from its own sources; without texts that go on too far to the left for YAML, though not for Go. */
export function flaggerCrds(): Promise<LiveObject[]> {
    const folder = "charts/flagger/crds";
    return fromModule("flagger", "github.com/fluxcd/flagger", folder, (text) =>
        text.replaceAll(/^ *description: '[^']*'\n/gm, ""),
    );
}

/** The CRDs of Argo CD, from its own sources. */
export async function argocdCrds(): Promise<LiveObject[]> {
    const all = await fromModule("argocd", ARGO_CD, "manifests/crds");
    return all.filter(({ kind }) => kind === "CustomResourceDefinition");
}

/** A program beside Argo CD in its image, without which its repository server refuses every revision; from its own sources. */
export async function argocdVerifier(): Promise<string> {
    const folder = await moduleSources("argocd", ARGO_CD);
    return fs.readFileSync(path.join(folder, "hack", ARGO_CD_VERIFIER), "utf8");
}
export const ARGO_CD_VERIFIER = "git-verify-wrapper.sh";

/** The Deployment or StatefulSet of a component of Argo CD, from its own sources. */
export async function argocdWorkload(component: string): Promise<LiveObject> {
    const folder = `manifests/base/${component.replace("argocd-", "")}`;
    const found = (await fromModule("argocd", ARGO_CD, folder)).find(
        ({ kind, metadata }) =>
            ["Deployment", "StatefulSet"].includes(kind) && metadata.name === component,
    );
    if (found === undefined) {
        throw new Error(`${ARGO_CD} has no workload ${component} in ${folder}`);
    }
    return found;
}

/**
 * The CRDs of the Redis operator, which is no Go module that could be had: of the folder that REDIS_OPERATOR_CRDS names, or
 * beside the checkout; undefined where they are in neither.
 */
export function redisOperatorCrds(): LiveObject[] | undefined {
    const folder = process.env.REDIS_OPERATOR_CRDS;
    if (folder) {
        return inFolder(folder);
    }
    const file = factFiles("crds").find((name) => name.startsWith("redis-operator-"));
    return file ? documents(factFile(`crds/${file}`) ?? "") : undefined;
}

/** The objects of a YAML text. */
export function documents(text: string): LiveObject[] {
    return parseAllDocuments(text)
        .map((document) => document.toJS() as LiveObject | null)
        .filter((object): object is LiveObject => object !== null);
}

async function fromModule(
    family: Family,
    module: string,
    folder: string,
    readable = (text: string): string => text,
): Promise<LiveObject[]> {
    return inFolder(path.join(await moduleSources(family, module), folder), readable);
}

/** The objects of the YAML files of a folder. */
function inFolder(folder: string, readable = (text: string): string => text): LiveObject[] {
    return fs
        .readdirSync(folder)
        .filter((name) => name.endsWith(".yaml"))
        .sort()
        .flatMap((name) => documents(readable(fs.readFileSync(path.join(folder, name), "utf8"))));
}
