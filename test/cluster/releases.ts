import * as fs from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { servedKind } from "../../lab/cluster/crdKinds";
import type { ControlPlane } from "../../lab/cluster/controlPlane";
import {
    documents,
    eckCrds,
    kedaCrds,
    prometheusOperatorCrds,
    redisOperatorCrds,
} from "../../lab/cluster/crdFiles";
import { certificate, privateKey } from "../../lab/cluster/generated";
import type { LiveObject } from "../../lab/cluster/kubeClient";
import { answerCall } from "../../lab/program/answers";
import { run } from "../../lab/tools/commands";
import { tool } from "../../lab/tools/goTools";
import { describeObject } from "./stack";
import { standIn } from "./standIns/standIn";

/** A Helm release as the program registers it. */
export interface ReleaseInputs {
    readonly name: string;
    readonly chart: string;
    readonly version: string;
    readonly namespace: string;
    readonly values: Readonly<Record<string, unknown>>;
    readonly skipCrds?: boolean;
}

/** Processes that do what a release's pods would. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
    "kube-prometheus-stack": ["prometheus-operator"],
    "eck-operator": ["eck-operator"],
};

/**
 * Helm releases of a cluster: installed by real Helm when the archives are at hand, otherwise what they would bring
 * and others need is made in their place.
 */
export class Releases {
    /** By name, as the program registered them. */
    public readonly installed = new Map<string, ReleaseInputs>();
    /** Charts that were not installed, each with what was made in its place. */
    public readonly replaced = new Set<string>();
    /** Webhooks that the API server does not call. */
    public readonly webhooks = new Set<string>();

    constructor(
        private readonly plane: ControlPlane,
        /** A folder with the archives of the charts, as `helm pull` names them. */
        private readonly charts: string | undefined,
    ) {}

    /** Installs or upgrades a release; one that is there with the same inputs is left alone. */
    async install(inputs: Readonly<Record<string, unknown>>): Promise<void> {
        const release = inputs as unknown as ReleaseInputs;
        if (isDeepStrictEqual(this.installed.get(release.name), release)) {
            return;
        }
        this.installed.set(release.name, release);
        await (this.charts === undefined ? this.replace(release) : this.helm(release));
    }

    /** Uninstalls a release, or removes what was made in its place. CRDs stay, as the charts keep them. */
    async remove(name: string): Promise<void> {
        const release = this.installed.get(name);
        this.installed.delete(name);
        for (const operator of OPERATORS[name] ?? []) {
            await this.plane.processes.stop(operator);
        }
        if (release && this.charts !== undefined) {
            await this.runHelm("uninstall", name, "--namespace", release.namespace, "--wait");
        } else if (release) {
            for (const object of standIn(release)) {
                await this.plane.client.delete(object);
            }
        }
    }

    /** Answers what the program asks: its state, and the CRDs of the Redis operator's chart; names alone where they are not at hand. */
    async template(args: pulumi.runtime.MockCallArgs): Promise<Record<string, unknown>> {
        if (args.token !== "kubernetes:helm:template") {
            // Nothing is recorded: each run is a stack's first.
            return answerCall(args);
        }
        if (this.charts === undefined) {
            const result = redisOperatorCrds();
            return result ? { result } : answerCall(args);
        }
        const { jsonOpts } = args.inputs as { jsonOpts: string };
        const { chart } = JSON.parse(jsonOpts) as { chart: string };
        const archive = path.join(this.charts, chart);
        const text = await this.runHelm("template", "crds", archive, "--include-crds");
        return { result: documents(text) };
    }

    /** Why a kind is not known here, when that is no fault of the program. */
    whyUnknown({ apiVersion }: LiveObject): string | undefined {
        const withoutCrds = this.charts === undefined && redisOperatorCrds() === undefined;
        return withoutCrds && apiVersion.startsWith("redis.redis.opstreelabs.in/")
            ? "the CRDs of the Redis operator are not at hand: set CHARTS_DIR"
            : undefined;
    }

    private async helm(release: ReleaseInputs): Promise<void> {
        const { name, chart, namespace, values, skipCrds } = release;
        const file = path.join(this.plane.processes.folder, `${name}.values.json`);
        fs.writeFileSync(file, JSON.stringify(values));
        if (name === "kube-prometheus-stack") {
            await this.admissionSecret(namespace);
        }
        await this.runHelm(
            ...["upgrade", "--install", name, chart, "--namespace", namespace, "--values", file],
            ...["--wait", "--timeout", "5m", ...(skipCrds ? ["--skip-crds"] : [])],
        );
        for (const kind of ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"]) {
            const version = "admissionregistration.k8s.io/v1";
            for (const webhook of await this.plane.client.list(version, kind)) {
                // The pods behind it are simulated, and would fail every request.
                this.webhooks.add(describeObject(webhook));
                await this.plane.client.delete(webhook);
            }
        }
    }

    /** A hook of kube-prometheus-stack makes this Secret, which its operator and a monitor use; hooks' pods are simulated. */
    private async admissionSecret(namespace: string): Promise<void> {
        const key = privateKey();
        const cert = await certificate(key);
        await this.plane.client.apply(
            {
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: "kube-prometheus-stack-admission", namespace },
                stringData: { ca: cert, cert, key },
            },
            "stand-in",
        );
    }

    private async replace(release: ReleaseInputs): Promise<void> {
        const { chart, version } = release;
        const objects =
            chart === "prometheus-operator-crds"
                ? await prometheusOperatorCrds()
                : chart === "eck-operator-crds"
                  ? await eckCrds()
                  : chart === "keda"
                    ? [...(await kedaCrds()), ...standIn(release)]
                    : standIn(release);
        for (const object of objects) {
            await this.plane.client.apply(object, "stand-in");
        }
        const crds = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
        for (const crd of crds) {
            await servedKind(this.plane, crd);
        }
        const made =
            crds.length > 0 ? `${crds.length} CRDs` : objects.map(({ kind }) => kind).join(", ");
        this.replaced.add(`${chart} ${version} by ${made || "nothing"}`);
    }

    private async runHelm(...args: readonly string[]): Promise<string> {
        const home = path.join(this.plane.processes.folder, "helm");
        return run(await tool("helm"), args, {
            env: {
                ...process.env,
                KUBECONFIG: this.plane.kubeconfig,
                HELM_CACHE_HOME: home,
                HELM_CONFIG_HOME: home,
                HELM_DATA_HOME: home,
            },
        });
    }
}
