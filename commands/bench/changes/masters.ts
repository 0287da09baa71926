import { Address, Connection, Reply } from "../redisConnection";
import type { SlotRange } from "../redisClients";
import type { LiveRedis } from "./liveRedis";

/** Milliseconds between two looks. */
const PACE = 100;

/** Milliseconds for which something was so, all in all. */
export interface MastersSeen {
    /** No Redis of the instance said that it is a master; of a cluster, of some slots. */
    readonly without: number;
    /** More than one said so, where there is one. */
    readonly several: number;
}

/** Asks every Redis of an instance for its role, again and again. */
export class MasterWatch {
    private pods: readonly string[] = [];
    private readonly connections = new Map<string, Connection>();
    private without = 0;
    private several = 0;
    private stopping = false;
    private readonly ended: Promise<unknown>;

    constructor(private readonly redis: LiveRedis) {
        this.ended = Promise.all([this.findPods(), this.look()]);
    }

    begin(): void {
        this.without = 0;
        this.several = 0;
    }

    seen(): MastersSeen {
        return { without: this.without, several: this.several };
    }

    async stop(): Promise<void> {
        this.stopping = true;
        await this.ended;
        this.connections.forEach((connection) => connection.close());
    }

    private async findPods(): Promise<void> {
        while (!this.stopping) {
            // The API server may be away: the pods are still there.
            const pods = await this.redis.dataPods().catch(() => undefined);
            this.pods = pods?.flatMap(({ ip }) => (ip === "" ? [] : [ip])) ?? this.pods;
            await pause(500);
        }
    }

    private async look(): Promise<void> {
        let last = performance.now();
        let known = false;
        while (!this.stopping) {
            const masters = await this.masters();
            const now = performance.now();
            known ||= masters > 0;
            if (known && masters === 0) {
                this.without += now - last;
            }
            if (masters > 1) {
                this.several += now - last;
            }
            last = now;
            await pause(PACE);
        }
    }

    /** How many there are; of a cluster, 1 when every slot has one, and 0 otherwise. */
    private async masters(): Promise<number> {
        const cluster = this.redis.settings.mode === "cluster";
        const asked = await Promise.all(
            this.pods.map(async (ip) => {
                const answers = await this.ask(
                    this.redis.address(ip, 6379),
                    cluster ? [["ROLE"], ["CLUSTER", "SLOTS"]] : [["ROLE"]],
                );
                return { ip, answers };
            }),
        );
        const masters = asked.flatMap(({ ip, answers }) =>
            Array.isArray(answers?.[0]) && answers[0][0] === "master"
                ? [{ ip, slots: answers[1] }]
                : [],
        );
        return cluster ? Number(everySlotHas(masters)) : masters.length;
    }

    private async ask(
        address: Address,
        commands: readonly (readonly string[])[],
    ): Promise<readonly Reply[] | undefined> {
        try {
            let connection = this.connections.get(address.host);
            if (!connection?.open) {
                connection = await Connection.open(address, this.redis.password);
                this.connections.set(address.host, connection);
            }
            return (await connection.askAll(commands)) as Reply[];
        } catch {
            return undefined;
        }
    }
}

/** Whether the masters, by what one of them tells of the slots, serve them all. */
function everySlotHas(
    masters: readonly { readonly ip: string; readonly slots: unknown }[],
): boolean {
    const served = new Set<number>();
    for (const { ip, slots } of masters) {
        for (const [from, to, [host]] of (Array.isArray(slots) ? slots : []) as SlotRange[]) {
            // A master knows best what it has itself.
            for (let slot = from; host === ip && slot <= to; slot++) {
                served.add(slot);
            }
        }
    }
    return served.size === 16384;
}

function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
