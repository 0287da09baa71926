import assert from "node:assert/strict";

import { startWebhook } from "../../lab/endpoints/webhook";
import { eventually } from "../../lab/tools/commands";
import { configOf } from "../support/alerting";
import { Alert, Alertmanager, AlertStatus } from "../support/alertmanager";
import { goTool } from "../support/goTool";

type Labels = Readonly<Record<string, string>>;

/** Every interval is divided by this. */
const FACTOR = 60;
const SHARED: Labels = { environment: "prod", namespace: "shop" };

function alert(alertname: string, severity: string, labels: Labels = {}): Alert {
    return { labels: { ...SHARED, ...labels, alertname, severity } };
}

type Named = readonly [name: string, labels: Labels];
const ORDERS = { app: "orders", instance_name: "orders" };
const SESSIONS = { app: "sessions", instance_name: "sessions" };
const SENTINEL = { app: "sessions-sentinel", instance_name: "sessions" };

/** Causes, what follows from each, and what does not though it is near. Written by hand. */
const TREE: readonly {
    readonly cause: Named;
    readonly follows: readonly Named[];
    readonly others: readonly Named[];
}[] = [
    {
        cause: ["RedisInstanceDown", ORDERS],
        follows: [
            ["RedisPodsMissing", ORDERS],
            ["RedisHighMemoryUsage", { ...ORDERS, pod: "orders-0" }],
            ["ErrorBudgetBurnFast", { ...ORDERS, slo: "redis-availability" }],
            ["PodCrashLooping", { app: "orders", pod: "orders-1" }],
        ],
        others: [
            ["RedisPodsMissing", SESSIONS],
            ["RedisHighMemoryUsage", { ...SESSIONS, pod: "sessions-0" }],
            ["ErrorBudgetBurnFast", { ...SESSIONS, slo: "redis-availability" }],
            ["RedisPodsMissing", { ...ORDERS, namespace: "nobody" }],
        ],
    },
    {
        cause: ["RedisMasterDown", SESSIONS],
        follows: [
            ["RedisReplicaLinkDown", { ...SESSIONS, pod: "sessions-1" }],
            ["RedisSentinelQuorumLost", SENTINEL],
            ["RedisPodsMissing", SESSIONS],
            ["ErrorBudgetBurnSlow", { ...SESSIONS, slo: "redis-commands" }],
        ],
        others: [
            ["RedisReplicaLinkDown", { ...ORDERS, pod: "orders-1" }],
            ["RedisHighMemoryUsage", { ...SESSIONS, pod: "sessions-1" }],
            ["RedisKeysLost", SESSIONS],
        ],
    },
    {
        cause: ["RedisNamespaceDown", {}],
        follows: [
            ["RedisInstanceDown", ORDERS],
            ["RedisSentinelQuorumLost", SENTINEL],
            ["ErrorBudgetBurnFast", { ...ORDERS, slo: "redis-availability" }],
        ],
        others: [
            ["RedisInstanceDown", { ...ORDERS, namespace: "other" }],
            ["BackupTooOld", { cronjob: "backup-orders" }],
        ],
    },
    {
        cause: ["RedisClusterDown", ORDERS],
        follows: [
            ["RedisClusterSlotsNotServed", ORDERS],
            ["RedisPodsMissing", { app: "orders-leader", instance_name: "orders" }],
        ],
        others: [["RedisClusterSlotsNotServed", SESSIONS]],
    },
    {
        cause: ["ErrorBudgetBurnFast", { ...ORDERS, slo: "redis-availability" }],
        follows: [["ErrorBudgetBurnSlow", { ...ORDERS, slo: "redis-availability" }]],
        others: [
            ["ErrorBudgetBurnSlow", { ...SESSIONS, slo: "redis-availability" }],
            ["ErrorBudgetBurnSlow", { ...ORDERS, slo: "redis-commands" }],
        ],
    },
    {
        cause: ["ElasticsearchDiskFull", { name: "es-0" }],
        follows: [["ElasticsearchDiskLow", { name: "es-0" }]],
        others: [["ElasticsearchDiskLow", { name: "es-1" }]],
    },
    {
        cause: ["CertificateAboutToExpire", { probe: "shop", instance: "https://shop" }],
        follows: [["CertificateExpiring", { probe: "shop", instance: "https://shop" }]],
        others: [["CertificateExpiring", { probe: "db", instance: "db:5432" }]],
    },
    {
        cause: ["ElasticsearchUnreachable", {}],
        follows: [
            ["FluentBitBufferNearlyFull", { pod: "f" }],
            ["JaegerSpansLost", { namespace: "spans", pod: "j" }],
            ["ErrorBudgetBurnFast", { slo: "log-delivery" }],
        ],
        others: [["RedisPodsMissing", ORDERS]],
    },
    {
        cause: ["NodeDown", { node: "n1" }],
        follows: [
            ["RedisPodsMissing", ORDERS],
            ["KubeNodeNotReady", { node: "n1" }],
            ["TargetMissing", { job: "fluent-bit" }],
        ],
        others: [
            ["RedisInstanceDown", SESSIONS],
            ["BackupTooOld", { cronjob: "b" }],
        ],
    },
    {
        cause: ["RedisHighMemoryUsage", { ...ORDERS, pod: "orders-0" }],
        follows: [["HighMemoryUsage", { pod: "orders-0", container: "orders" }]],
        others: [["HighMemoryUsage", { pod: "orders-1", container: "orders" }]],
    },
];

/** Each cause in a cluster and a namespace of its own. */
const APART = TREE.map((_, i) => ({ cluster: `c${i}`, namespace: `ns${i}` }));

describe("An alert that is the cause of others", () => {
    let alertmanager: Alertmanager;
    let binary: string;

    before(async function () {
        // It may have to be built.
        this.timeout(0);
        binary = await goTool(this, "alertmanager");
    });

    beforeEach(async () => {
        alertmanager = await Alertmanager.start(binary, configOf({}), {}, FACTOR);
    });

    afterEach(() => alertmanager?.stop());

    /** Whether Alertmanager holds back the alerts that these labels are of. */
    async function silenced(labels: Labels): Promise<boolean[]> {
        const all = await alertmanager.alerts();
        const fits = ({ labels: own }: AlertStatus) =>
            Object.entries(labels).every(([label, value]) => own[label] === value);
        return all.filter(fits).map(({ status }) => status.inhibitedBy.length > 0);
    }

    /** Alertmanager answers before it has looked at all that it was sent. */
    function becomesSilenced(labels: Labels): Promise<true> {
        return eventually(`${JSON.stringify(labels)} is silenced`, 30, async () =>
            (await silenced(labels)).join() === "true" ? true : undefined,
        );
    }

    it("silences what follows from it, and nothing else", async () => {
        await alertmanager.send(
            TREE.flatMap(({ cause, follows, others }, i) =>
                [cause, ...follows, ...others].map(([name, labels]) =>
                    alert(name, "warning", { ...APART[i], ...labels }),
                ),
            ),
        );
        const wrong: string[] = [];
        for (const [i, { follows }] of TREE.entries()) {
            for (const [name, labels] of follows) {
                await becomesSilenced({ alertname: name, ...APART[i], ...labels });
            }
        }
        for (const [i, { cause, follows, others }] of TREE.entries()) {
            for (const [name, labels] of [cause, ...follows, ...others]) {
                const wanted = follows.some(([each, own]) => each === name && own === labels);
                const got = await silenced({ alertname: name, ...APART[i], ...labels });
                if (got.length !== 1 || got[0] !== wanted) {
                    wrong.push(`${cause[0]}: ${name} ${JSON.stringify(labels)}: ${got.join()}`);
                }
            }
        }
        assert.deepEqual(wrong, []);
    });

    it("is, when critical, its own warning's, in the same namespace", async () => {
        const other = { namespace: "bank" };
        await alertmanager.send([
            alert("RedisSlow", "critical"),
            alert("RedisSlow", "warning"),
            alert("RedisSlow", "warning", other),
        ]);
        await becomesSilenced({ severity: "warning", namespace: "shop" });
        assert.deepEqual(await silenced({ severity: "warning", ...other }), [false]);
    });

    it("silences nobody any more when it is over", async () => {
        const [source, target] = ["ElasticsearchRed", "ElasticsearchYellow"];
        await alertmanager.send([alert(source, "critical"), alert(target, "warning")]);
        await becomesSilenced({ alertname: target });
        await alertmanager.send([alert(source, "critical")], true);
        await eventually(`${target} is told again`, 30, async () =>
            (await silenced({ alertname: target })).join() === "false" ? true : undefined,
        );
    });
});

describe("A mute time", () => {
    /** Hours around now in a zone, as a configuration has them. */
    function hoursAround(timeZone: string): object[] {
        const hour = Number(
            new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hour12: false }).format(),
        );
        const two = (value: number) => String(value).padStart(2, "0");
        const [first, last] = [hour - 2, hour + 3];
        return [
            ...(first < 0 ? [{ from: `${two(first + 24)}:00`, to: "24:00" }] : []),
            { from: `${two(Math.max(0, first))}:00`, to: `${two(Math.min(24, last))}:00` },
            ...(last > 24 ? [{ from: "00:00", to: `${two(last - 24)}:00` }] : []),
        ];
    }

    it("holds messages back in its own zone's hours, and not in the same hours of another zone", async function () {
        this.timeout(0);
        const binary = await goTool(this, "alertmanager");
        const there = await startWebhook();
        const elsewhere = await startWebhook();
        const pages = await startWebhook();
        // Eight hours apart, and the periods are five hours long.
        const periods = hoursAround("Asia/Shanghai");
        const config = configOf({
            receivers: {
                there: { type: "webhook" },
                elsewhere: { type: "webhook" },
                pages: { type: "webhook" },
            },
            routes: {
                muted: { severities: ["warning"], receivers: ["there"], muteTimes: ["shanghai"] },
                open: { severities: ["warning"], receivers: ["elsewhere"], muteTimes: ["utc"] },
                pages: { severities: ["critical"], receivers: ["pages", "there"] },
            },
            muteTimes: {
                shanghai: { timeZone: "Asia/Shanghai", periods },
                utc: { timeZone: "UTC", periods },
            },
        });
        const secrets = { there: there.url, elsewhere: elsewhere.url, pages: pages.url };
        const alertmanager = await Alertmanager.start(binary, config, secrets, FACTOR);
        try {
            const warning = alert("RedisSlow", "warning");
            await alertmanager.send([warning]);
            await elsewhere.inbox.waitFor("a warning outside the hours", 10);
            // A change is sent five seconds after the first message: by then the muted one had its turn as well.
            await alertmanager.send([warning], true);
            const over = ({ status }: { readonly status: string }) => status === "resolved";
            await elsewhere.inbox.waitFor("its end", 20, over);
            assert.equal(there.inbox.deliveries.length, 0);
            await alertmanager.send([alert("RedisGone", "critical")]);
            await pages.inbox.waitFor("a page", 10);
            await there.inbox.waitFor("a critical alert in the hours", 10);
        } finally {
            await alertmanager.stop();
            await Promise.all([there, elsewhere, pages].map(({ inbox }) => inbox.close()));
        }
    });
});
