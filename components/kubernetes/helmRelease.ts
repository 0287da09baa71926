import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ChartVersion } from "../versions";
import { chartReference, ChartSource } from "./chartSource";

export type HelmValues = Readonly<Record<string, unknown>>;

export interface HelmReleaseArgs {
    /** The release's name, fixed: Services, labels and selectors are made of it. */
    readonly release: string;
    readonly chart: ChartVersion;
    readonly source: ChartSource;
    readonly namespace: pulumi.Input<string>;
    readonly values: pulumi.Input<HelmValues>;
    /** Seconds to wait for the release's pods and hooks; 600 when not given. */
    readonly timeoutSeconds?: number;
    readonly skipCrds?: boolean;
}

/** Installs a chart as a Helm release, hooks included, and waits until what it made is ready. */
export function helmRelease(
    name: string,
    args: HelmReleaseArgs,
    opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
    return new k8s.helm.v3.Release(
        name,
        {
            ...chartReference(args.source, args.chart),
            name: args.release,
            namespace: args.namespace,
            values: args.values as pulumi.Inputs,
            timeout: args.timeoutSeconds ?? 600,
            // Each revision of kube-prometheus-stack is a Secret of 0.5 MB; Helm keeps all of them when not told.
            maxHistory: 5,
            skipCrds: args.skipCrds ?? false,
        },
        opts,
    );
}
