import * as fs from "node:fs";
import * as path from "node:path";

import { execute, Outcome, runScript, Scratch, succeeds, Variables } from "./programs";

const PASSWORD = "the-generated-key-of-the-repository";
/** Within the schedule of every test. */
const RECENT = "3600";

/** A restic repository, and the programs that use it, as the pods run them. */
export class Repository {
    constructor(
        readonly scratch: Scratch,
        private readonly variables: Variables,
    ) {}

    /** In a folder, as with a volume. */
    static inFolder(scratch: Scratch): Repository {
        return new Repository(scratch, {
            RESTIC_REPOSITORY: path.join(scratch.folder, "repository"),
            RESTIC_PASSWORD: PASSWORD,
        });
    }

    get folder(): string {
        return this.variables.RESTIC_REPOSITORY ?? "";
    }

    get env(): Variables {
        return { ...this.scratch.variables, ...this.variables };
    }

    /** Stores what is exported. */
    store(keepWithin = "30d"): Promise<Outcome> {
        return runScript("store.sh", { ...this.env, KEEP_WITHIN: keepWithin });
    }

    /** Restores the newest backup into the scratch folder of a new pod. */
    fetch(change: Variables = {}): Promise<Outcome> {
        this.scratch.empty();
        return runScript("fetch.sh", { ...this.env, MAX_AGE_SECONDS: RECENT, ...change });
    }

    /** Restores the newest backup and tries it. */
    async drill(script: string, env: Variables = {}): Promise<Outcome> {
        const fetched = await this.fetch();
        return fetched.status === 0 ? runScript(script, { ...this.env, ...env }) : fetched;
    }

    /** Stores the export with another time. */
    async storeAt(time: string): Promise<void> {
        await this.restic("backup", "--host", "backup", "--time", time, ".");
    }

    /** Times of the backups, oldest first. */
    async times(): Promise<string[]> {
        const output = await this.restic("snapshots", "--no-lock", "--json");
        const snapshots = JSON.parse(output) as { time: string }[];
        return snapshots.map(({ time }) => time).sort();
    }

    /** Files with the content of backups. */
    packs(): string[] {
        const data = path.join(this.folder, "data");
        return fs
            .readdirSync(data, { recursive: true })
            .map((file) => path.join(data, String(file)))
            .filter((file) => fs.statSync(file).isFile());
    }

    restic(...args: readonly string[]): Promise<string> {
        const cwd = fs.existsSync(this.scratch.exported) ? this.scratch.exported : undefined;
        return succeeds(execute("restic", args, this.env, cwd));
    }
}
