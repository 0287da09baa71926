import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

import { parse, stringify } from "yaml";

import type { ControlPlane } from "../../lab/cluster/controlPlane";
import { prometheusConfig, ruleFiles } from "../../lab/cluster/operators";
import { freePorts } from "../../lab/cluster/ports";
import { run } from "../../lab/tools/commands";
import { tools } from "../../lab/tools/goTools";

/** A target that Prometheus discovered from the operator's configuration. */
/** Milliseconds within which Prometheus' discovery tells of a change: https://github.com/prometheus/prometheus/blob/v3.5.0/discovery/manager.go, `updatert`. */
const DISCOVERY_PACE = 5500;

export interface DiscoveredTarget {
    readonly scrapePool: string;
    readonly scrapeUrl: string;
    readonly labels: Readonly<Record<string, string>>;
}

export interface ScrapeConfig {
    readonly job_name: string;
    readonly kubernetes_sd_configs?: readonly object[];
    readonly sample_limit?: number;
    readonly label_limit?: number;
    readonly [field: string]: unknown;
}

interface Config {
    readonly scrape_configs?: readonly ScrapeConfig[];
    readonly alerting?: object;
    readonly [section: string]: unknown;
}

/** Starts Prometheus beside a control plane, and with it ends; its address. */
export async function startPrometheus(
    { processes }: ControlPlane,
    folder: string,
    config: object,
): Promise<string> {
    const { prometheus } = await tools("prometheus");
    const [port = 0] = await freePorts(1);
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, "started.yml");
    fs.writeFileSync(file, stringify(config));
    processes.start("prometheus", prometheus, [
        `--config.file=${file}`,
        `--storage.tsdb.path=${path.join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
    ]);
    return `http://127.0.0.1:${port}`;
}

/** A series of an answer, with its value at the moment. */
export interface InstantValue {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: number;
}

/** What a Prometheus answers now. */
export async function queryPrometheus(address: string, text: string): Promise<InstantValue[]> {
    const url = `${address}/api/v1/query?query=${encodeURIComponent(text)}`;
    const { data, error } = (await (await fetch(url)).json()) as {
        error?: string;
        data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (!data) {
        throw new Error(`${text}: ${error}`);
    }
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** Folders of a Prometheus pod whose files the configuration names. */
const POD_FOLDERS = ["/etc/prometheus/", "/var/run/secrets/kubernetes.io/serviceaccount/"];

/** The configuration and the rules that the Prometheus Operator generated, as files of one folder. */
export class GeneratedConfig {
    private constructor(
        private readonly plane: ControlPlane,
        private readonly folder: string,
        /** Names of the scrape jobs. */
        public readonly jobs: readonly string[],
        /** Names of the alerts and recorded series in the rule files. */
        public readonly rules: readonly string[],
        private readonly config: Config,
    ) {}

    /** One scrape job, which finds its targets from outside a pod. Throws when there is none of this name. */
    job(name: string): ScrapeConfig {
        const found = this.config.scrape_configs?.find(({ job_name }) => job_name === name);
        if (!found) {
            throw new Error(`no scrape job ${name}`);
        }
        return found;
    }

    /** The same once it has jobs of some names. Throws when they do not come within a minute, and says which. */
    static withJobs(plane: ControlPlane, jobs: readonly string[]): Promise<GeneratedConfig> {
        return plane.eventually("every monitor has its job", 60, async () => {
            const read = await GeneratedConfig.read(plane);
            assert.deepEqual(
                jobs.filter((job) => !read.jobs.includes(job)),
                [],
            );
            return read;
        });
    }

    /** Reads it from the cluster, with the values and files that a Prometheus pod would have. */
    static async read(plane: ControlPlane): Promise<GeneratedConfig> {
        const folder = path.join(plane.processes.folder, "prometheus");
        const rules = await ruleFiles(plane);
        const text = POD_FOLDERS.reduce(
            (all, each) => all.replaceAll(each, `${folder}${each}`),
            (await prometheusConfig(plane))
                .replaceAll("$(POD_NAME)", "prometheus-0")
                .replaceAll("$(SHARD)", "0"),
        );
        for (const each of POD_FOLDERS) {
            fs.mkdirSync(path.join(folder, each), { recursive: true });
        }
        const config = parse(text) as Config;
        for (const [file, content] of rules) {
            const target = path.join(folder, "rules", file);
            fs.mkdirSync(path.dirname(target), { recursive: true });
            fs.writeFileSync(target, content);
        }
        const access = path.join(folder, POD_FOLDERS[1] ?? "");
        for (const file of ["token", "ca.crt"]) {
            fs.writeFileSync(path.join(access, file), "");
        }
        const changed: Config = {
            ...config,
            rule_files: [path.join(folder, "rules/*.yaml")],
            // Outside a pod the API server is found by the kubeconfig.
            scrape_configs: config.scrape_configs?.map((job) => ({
                ...job,
                kubernetes_sd_configs: job.kubernetes_sd_configs?.map((sd) => ({
                    ...sd,
                    kubeconfig_file: plane.kubeconfig,
                })),
            })),
            alerting: undefined,
        };
        fs.writeFileSync(path.join(folder, "prometheus.yml"), stringify(changed));
        return new GeneratedConfig(
            plane,
            folder,
            (config.scrape_configs ?? []).map(({ job_name }) => job_name),
            [...rules.values()].flatMap(ruleNames),
            changed,
        );
    }

    /** What `promtool check config` says; throws with its output when it refuses. */
    async check(): Promise<string> {
        const { promtool } = await tools("promtool");
        return run(promtool, ["check", "config", path.join(this.folder, "prometheus.yml")]);
    }

    /**
     * Runs Prometheus until it has discovered so many targets that are counted, and for as long more as it keeps changes to itself. Returns every
     * target. Throws when they do not come within a minute.
     */
    async targets(
        atLeast: number,
        counted: (target: DiscoveredTarget) => boolean,
    ): Promise<DiscoveredTarget[]> {
        const { plane, folder } = this;
        const address = await startPrometheus(plane, folder, this.config);
        const active = async (): Promise<DiscoveredTarget[]> => {
            const answer = await fetch(`${address}/api/v1/targets?state=active`);
            const { data } = (await answer.json()) as {
                data: { activeTargets: DiscoveredTarget[] };
            };
            return data.activeTargets;
        };
        try {
            await plane.eventually("Prometheus discovers its targets", 60, async () => {
                const found = (await active()).filter(counted);
                if (found.length < atLeast) {
                    throw new Error(`${found.length} of ${atLeast} targets`);
                }
                return found;
            });
            // One too many may come with the next change.
            await setTimeout(DISCOVERY_PACE);
            return await active();
        } finally {
            await plane.processes.stop("prometheus");
        }
    }
}

export interface RuleFile {
    readonly groups: readonly {
        readonly name: string;
        readonly rules: readonly { readonly alert?: string; readonly record?: string }[];
    }[];
}

/** Groups whose alerts wait some seconds only, and end as soon as there is no reason for them. */
export function prompt({ groups }: RuleFile, seconds: number): RuleFile {
    return {
        groups: groups.map((group) => ({
            ...group,
            rules: group.rules.map((rule) =>
                rule.alert ? { ...rule, for: `${seconds}s`, keep_firing_for: "0s" } : rule,
            ),
        })),
    };
}

/** Names of the rules in a text with `groups`. */
function ruleNames(text: string): string[] {
    return rulesOf(parse(text) as RuleFile);
}

export function rulesOf({ groups }: RuleFile): string[] {
    return groups.flatMap(({ rules }) => rules.map(({ alert, record }) => alert ?? record ?? ""));
}
