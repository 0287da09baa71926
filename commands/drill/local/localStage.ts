import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import { freePorts } from "../../../lab/cluster/ports";
import { Processes } from "../../../lab/cluster/processes";
import { eventually } from "../../../lab/tools/commands";
import { tools } from "../../../lab/tools/goTools";
import { RESEND_DELAY } from "../deadMansSwitch";
import type { Generated } from "../generated";
import { podSpecs } from "../podSpecs";
import { answers } from "../prometheusApi";
import { NAMESPACE } from "../settings";
import { milliseconds, shorten } from "../shortened";
import { findPod, Pod, Stage } from "../stage";
import { startAlerting } from "./alerting";
import { RedisPod } from "./redisPod";
import { jobName, scrapeJob, targetGroups } from "./scrapeConfig";

export interface LocalStageOptions {
    readonly generated: Generated;
    /** Divides every interval. */
    readonly factor: number;
}

/** More than a stage needs. */
const MOST_PORTS = 64;

/** Redis, exporters, Prometheus and Alertmanager as processes on loopback. */
export class LocalStage implements Stage {
    readonly description: readonly string[] = [
        "local processes: Redis, Sentinel and exporters of Debian's packages, Prometheus and Alertmanager",
        "one Prometheus and one Alertmanager; prod has more of both",
        "ServiceMonitors and Services are followed as the operators do, and the targets are in a file",
    ];
    private readonly processes = new Processes();
    private redisPods: readonly RedisPod[] = [];
    private readonly existing = new Set<RedisPod>();
    private prometheusPort = 0;
    private alertmanagerPort = 0;

    private constructor(
        private readonly options: LocalStageOptions,
        private readonly programs: Record<"prometheus" | "alertmanager", string>,
    ) {}

    /** Starts everything; when something does not start, what did ends again. */
    static async start(options: LocalStageOptions): Promise<LocalStage> {
        const stage = new LocalStage(options, await tools("prometheus", "alertmanager"));
        try {
            await stage.startAll();
            return stage;
        } catch (error) {
            await stage.stop();
            throw error;
        }
    }

    get prometheusUrl(): string {
        return `http://127.0.0.1:${this.prometheusPort}`;
    }

    get pods(): string[] {
        return this.redisPods.map(({ name }) => name);
    }

    pod(app: string, index: number): Pod {
        return findPod(this.redisPods, app, index);
    }

    check(): void {
        this.processes.check();
    }

    killPrometheus(): Promise<void> {
        return this.processes.stop("prometheus", "SIGKILL");
    }

    async startPrometheus(): Promise<void> {
        this.processes.start("prometheus", this.programs.prometheus, [
            `--config.file=${this.file("prometheus.yaml")}`,
            `--storage.tsdb.path=${this.file("prometheus")}`,
            `--web.listen-address=127.0.0.1:${this.prometheusPort}`,
            `--rules.alert.resend-delay=${milliseconds(RESEND_DELAY) / this.options.factor}ms`,
        ]);
        await this.ready("prometheus", this.prometheusUrl);
    }

    stop(): Promise<void> {
        return this.processes.stopAll();
    }

    private async startAll(): Promise<void> {
        const { generated, factor } = this.options;
        const ports = await freePorts(MOST_PORTS);
        const nextPort = () => ports.pop() ?? 0;
        this.redisPods = podSpecs(generated, factor, () => ({
            host: "127.0.0.1",
            port: nextPort(),
        })).map(
            (spec) =>
                new RedisPod(spec, nextPort(), this.processes, (pod, exists) =>
                    this.setExisting(pod, exists),
                ),
        );
        this.prometheusPort = nextPort();
        this.alertmanagerPort = nextPort();
        await Promise.all(this.redisPods.map((pod) => pod.start()));
        this.writeConfigurations();
        startAlerting({
            ...{ processes: this.processes, generated, factor },
            program: this.programs.alertmanager,
            ports: { alertmanager: this.alertmanagerPort, relay: nextPort() },
        });
        await this.ready("alertmanager", `http://127.0.0.1:${this.alertmanagerPort}`);
        await this.startPrometheus();
    }

    private writeConfigurations(): void {
        const { generated, factor } = this.options;
        this.write("rules.yaml", stringify(shorten({ groups: generated.ruleGroups }, factor)));
        this.write("prometheus.yaml", stringify(this.prometheusConfig()));
    }

    private prometheusConfig(): object {
        const { generated, factor } = this.options;
        const { scrapeInterval, evaluationInterval, externalLabels } = generated.prometheus;
        const config = {
            global: {
                scrape_interval: scrapeInterval,
                evaluation_interval: evaluationInterval,
                external_labels: externalLabels,
            },
            rule_files: [this.file("rules.yaml")],
            alerting: {
                alertmanagers: [
                    { static_configs: [{ targets: [`127.0.0.1:${this.alertmanagerPort}`] }] },
                ],
            },
            scrape_configs: generated.monitors.map((monitor) =>
                scrapeJob(monitor, this.targetsFile(jobName(monitor))),
            ),
        };
        return shorten(config, factor);
    }

    /** A pod that is gone is no target any more, as in Kubernetes. */
    private setExisting(pod: RedisPod, exists: boolean): void {
        if (exists) {
            this.existing.add(pod);
        } else {
            this.existing.delete(pod);
        }
        const { monitors, redis } = this.options.generated;
        const targets = [...this.existing].map(({ exporterPort, spec: { name, app } }) => ({
            namespace: NAMESPACE,
            pod: name,
            app,
            port: exporterPort,
        }));
        for (const monitor of monitors) {
            const groups = targetGroups(monitor, redis, targets);
            const file = this.targetsFile(jobName(monitor));
            // Under another name first: Prometheus reads it at any time.
            fs.writeFileSync(`${file}.new`, JSON.stringify(groups));
            fs.renameSync(`${file}.new`, file);
        }
    }

    private targetsFile(job: string): string {
        return this.file(`targets-${job.replaceAll("/", "-")}.json`);
    }

    private async ready(name: string, url: string): Promise<void> {
        await eventually(`${name} is ready`, 30, () => answers(`${url}/-/ready`)).catch(
            (error: unknown) => {
                this.processes.check();
                throw error;
            },
        );
    }

    private write(name: string, text: string): void {
        fs.writeFileSync(this.file(name), text);
    }

    private file(name: string): string {
        return path.join(this.processes.folder, name);
    }
}
