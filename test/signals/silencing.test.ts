import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { INHIBITIONS } from "../../components/alerting/routing/inhibitions";
import { startWebhook } from "../../lab/endpoints/webhook";
import { configOf } from "../support/alerting";
import { Alert, Alertmanager, AlertStatus } from "../support/alertmanager";
import { goTool } from "../support/goTool";
import type { AlertCase } from "./alertCase";

type Labels = Readonly<Record<string, string>>;

/** Every interval is divided by this. */
const FACTOR = 60;
const SHARED: Labels = {
    environment: "prod",
    namespace: "shop",
    pod: "orders-0",
    app: "orders",
    slo: "redis-availability",
};

function alert(alertname: string, severity: string, labels: Labels = {}): Alert {
    return { labels: { ...SHARED, ...labels, alertname, severity } };
}

/** The sets of labels that an alert has where promtool proves that it fires. */
function provenLabels(name: string): Labels[] {
    const folder = path.join(__dirname, "cases");
    return fs.readdirSync(folder).flatMap((file) => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- whatever cases there are
        const exported = require(path.join(folder, file)) as Record<string, unknown>;
        const cases = Object.values(exported).filter(Array.isArray).flat() as AlertCase[];
        return cases.flatMap((each) =>
            each.kind === "firing" && each.alert === name
                ? each.alerts.map(({ labels }) => labels)
                : [],
        );
    });
}

describe("Labels by which one alert silences another", () => {
    for (const { source, targets, equal } of INHIBITIONS) {
        const carry = (labels: Labels) => equal.every((label) => labels[label] !== undefined);
        it(`are on ${source} and on ${targets.join(", ")}, since labels that both lack count as the same`, () => {
            assert.ok(provenLabels(source).some(carry), `${source}: ${equal.join(", ")}`);
            for (const target of targets) {
                const proven = provenLabels(target);
                assert.ok(proven.length > 0, target);
                assert.ok(proven.every(carry), `${target}: ${equal.join(", ")}`);
            }
        });
    }
});

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

    for (const { source, targets, equal } of INHIBITIONS) {
        it(`${source} silences ${targets.join(", ")} where ${equal.join(" and ")} are the same, and nowhere else`, async () => {
            const there = targets.map((target) => alert(target, "warning"));
            const elsewhere = equal.flatMap((label) =>
                targets.map((target) => alert(target, "warning", { [label]: `another-${label}` })),
            );
            await alertmanager.send([alert(source, "critical"), ...there, ...elsewhere]);
            assert.deepEqual(await silenced({ alertname: source }), [false]);
            for (const { labels } of there) {
                assert.deepEqual(await silenced(labels), [true], JSON.stringify(labels));
            }
            for (const { labels } of elsewhere) {
                assert.deepEqual(await silenced(labels), [false], JSON.stringify(labels));
            }
        });
    }

    it("is, when critical, its own warning's, in the same namespace", async () => {
        const other = { namespace: "bank" };
        await alertmanager.send([
            alert("RedisSlow", "critical"),
            alert("RedisSlow", "warning"),
            alert("RedisSlow", "warning", other),
        ]);
        assert.deepEqual(await silenced({ severity: "warning", namespace: "shop" }), [true]);
        assert.deepEqual(await silenced({ severity: "warning", ...other }), [false]);
    });

    it("silences nobody any more when it is over", async () => {
        const { source, targets } = INHIBITIONS.find(() => true) ?? assert.fail("no inhibition");
        const [target = ""] = targets;
        await alertmanager.send([alert(source, "critical"), alert(target, "warning")]);
        assert.deepEqual(await silenced({ alertname: target }), [true]);
        await alertmanager.send([alert(source, "critical")], true);
        assert.deepEqual(await silenced({ alertname: target }), [false]);
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
