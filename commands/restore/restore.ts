import type {
    BatchV1Api,
    CoreV1Api,
    KubeConfig,
    V1CronJob,
    V1Job,
} from "@kubernetes/client-node" with { "resolution-mode": "import" };

import type { RestoreRequest } from "./arguments";
import { jobOf, restoreJob } from "./restoreJob";

/** The client: a module of ECMAScript, so that it has to be awaited. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the module has no name for its type
export const loadClient = () => import("@kubernetes/client-node");

type Client = Awaited<ReturnType<typeof loadClient>>;

const PAUSE = 2000;
/** Lines of the log of a Job that failed. */
const LINES = 20;

/** Runs the Jobs of a restore, one after the other, and says what they wrote. */
export class Restorer {
    private readonly batch: BatchV1Api;
    private readonly core: CoreV1Api;

    constructor(
        private readonly client: Client,
        kubeconfig: KubeConfig,
        private readonly say: (line: string) => void,
        /** Of the Jobs' names. */
        private readonly suffix = Date.now().toString(36),
        private readonly pause = PAUSE,
    ) {
        this.batch = kubeconfig.makeApiClient(client.BatchV1Api);
        this.core = kubeconfig.makeApiClient(client.CoreV1Api);
    }

    /** Throws when a CronJob is missing, before anything is made; or with the log of the Job that failed. */
    async run({ namespace, source, target, fresh, snapshot }: RestoreRequest): Promise<void> {
        const ofTarget = await this.cronJob(namespace, `restore-${target}`);
        const backup = fresh ? await this.cronJob(namespace, `backup-${source}`) : undefined;
        const ofSource =
            source === target ? undefined : await this.find(namespace, `restore-${source}`);
        const restore = restoreJob(ofTarget, {
            ...{ name: this.name("restore", target), source, target, snapshot, ofSource },
        });
        if (backup) {
            await this.finish(jobOf(backup, this.name("backup", source)), "export");
        }
        await this.finish(restore, "restore");
    }

    /** A Job's name has 63 characters at most, and its pods' names some more. */
    private name(what: string, instance: string): string {
        return `${what}-${instance}`.slice(0, 46) + `-${this.suffix}`;
    }

    private async cronJob(namespace: string, name: string): Promise<V1CronJob> {
        const found = await this.find(namespace, name);
        if (found === undefined) {
            throw new Error(
                `there is no CronJob ${name} in ${namespace}: run \`up\` with the instance and its \`backup\` before. Nothing was made.`,
            );
        }
        return found;
    }

    private async find(namespace: string, name: string): Promise<V1CronJob | undefined> {
        try {
            return await this.batch.readNamespacedCronJob({ namespace, name });
        } catch (error) {
            if (error instanceof this.client.ApiException && error.code === 404) {
                return undefined;
            }
            throw error;
        }
    }

    private async finish(job: V1Job, container: string): Promise<void> {
        const { name = "", namespace = "" } = job.metadata ?? {};
        await this.batch.createNamespacedJob({ namespace, body: job });
        this.say(`Job ${namespace}/${name} runs`);
        for (;;) {
            const { status } = await this.batch.readNamespacedJob({ namespace, name });
            const ended = status?.conditions?.find(
                ({ type, status: now }) => now === "True" && /^(Complete|Failed)$/.test(type),
            );
            if (ended) {
                const log = await this.log(namespace, name, container);
                if (ended.type === "Failed") {
                    const why = [ended.reason, ended.message].filter(Boolean).join(": ");
                    throw new Error(`Job ${namespace}/${name} failed: ${why}\n${log}`);
                }
                this.say(log);
                return;
            }
            await new Promise((resolve) => setTimeout(resolve, this.pause));
        }
    }

    /** The last lines of a Job's newest pod: of the container, or of the one before it that failed. */
    private async log(namespace: string, job: string, container: string): Promise<string> {
        const { items } = await this.core.listNamespacedPod({
            namespace,
            labelSelector: `job-name=${job}`,
        });
        const newest = items.sort(
            (a, b) => Number(b.metadata?.creationTimestamp) - Number(a.metadata?.creationTimestamp),
        )[0];
        const failed = newest?.status?.initContainerStatuses?.find(
            ({ state }) => state?.terminated && state.terminated.exitCode !== 0,
        );
        try {
            return (
                await this.core.readNamespacedPodLog({
                    namespace,
                    name: newest?.metadata?.name ?? "",
                    container: failed?.name ?? container,
                    tailLines: LINES,
                })
            ).trimEnd();
        } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            return `its log cannot be read: ${why.split("\n")[0]}`;
        }
    }
}
