import assert from "node:assert/strict";

import { parse } from "yaml";

import { configText } from "../../commands/preview/routes";
import { previewOf, withFolder } from "../../lab/program/runs";
import { goTool } from "../support/goTool";
import { Duty } from "./delivery";
import { evaluate } from "./evaluation";
import { Incident, wanted } from "./incident";
import { operations } from "./list/operations";
import { platform } from "./list/platform";
import { redis } from "./list/redis";
import { INSTANCES } from "./world";

const INCIDENTS: readonly Incident[] = [...operations, ...redis, ...platform];
/** Processes at once, and incidents that share a cluster because none concerns the others. */
const PARALLEL = 2;
const TOGETHER = 12;

interface Group {
    readonly name: string;
}
interface RuleObject {
    readonly kind?: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: { readonly groups: readonly Group[] };
}

describe("An incident", () => {
    const delivered = new Map<string, string[]>();
    let duty: Duty | undefined;

    before(async function () {
        // Tools may have to be built.
        this.timeout(0);
        const promtool = await goTool(this, "promtool");
        const alertmanager = await goTool(this, "alertmanager");
        const settings = Object.fromEntries(
            INCIDENTS.filter((each) => each.redis.length > 0).map((each) => [
                each.name,
                {
                    instances: Object.fromEntries(
                        each.redis.map((name) => [name, INSTANCES[name]]),
                    ),
                },
            ]),
        );
        const { registrations } = await previewOf("prod", { redis: settings });
        const objects = registrations
            .map(({ inputs }) => inputs as unknown as RuleObject)
            .filter(({ kind }) => kind === "PrometheusRule");
        duty = await Duty.start(alertmanager, parse(configText(registrations) ?? "") as object);
        for (const [{ name }, lines] of await playAll(promtool, objects, duty)) {
            delivered.set(name, lines);
        }
        table(delivered);
    });

    after(() => duty?.stop());

    for (const each of INCIDENTS) {
        it(`${each.name}: ${each.what}: ${each.messages.length} messages`, () => {
            assert.deepEqual(delivered.get(each.name), wanted(each));
        });
    }
});

/**
 * Evaluates every incident, those of namespaces some together and those of the cluster each alone, the long ones first,
 * and plays each as soon as it is known what fires.
 */
async function playAll(
    promtool: string,
    objects: readonly RuleObject[],
    duty: Duty,
): Promise<[Incident, string[]][]> {
    const ofNamespaces = INCIDENTS.filter(({ cluster }) => !cluster).sort(
        (a, b) => a.minutes - b.minutes,
    );
    const batches = [
        ...INCIDENTS.filter(({ cluster }) => cluster).map((each) => [each]),
        ...Array.from({ length: Math.ceil(ofNamespaces.length / TOGETHER) }, (_, i) =>
            ofNamespaces.slice(i * TOGETHER, (i + 1) * TOGETHER),
        ),
    ].sort((a, b) => (a[0]?.minutes ?? 0) - (b[0]?.minutes ?? 0));
    const played: Promise<[Incident, string[]]>[] = [];
    const worker = async (): Promise<void> => {
        for (let batch = batches.pop(); batch; batch = batches.pop()) {
            const incidents = batch;
            const seen = await withFolder((folder) =>
                evaluate(promtool, folder, groupsOf(objects, incidents), incidents),
            );
            seen.forEach((transitions, each) =>
                played.push(
                    duty
                        .play(each, transitions)
                        .then((lines): [Incident, string[]] => [each, lines]),
                ),
            );
        }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return Promise.all(played);
}

/** Every group of rules, but for what the namespaces of other incidents declare. */
function groupsOf(objects: readonly RuleObject[], incidents: readonly Incident[]): Group[] {
    const others = new Set(INCIDENTS.map(({ name }) => name));
    incidents.forEach(({ name }) => others.delete(name));
    return objects.flatMap(({ metadata, spec }) =>
        spec.groups
            .filter(({ name }) => !others.has(name.replace(/^redis-declared-/, "")))
            .map((group) => ({
                ...group,
                name: `${metadata.namespace}/${metadata.name}/${group.name}`,
            })),
    );
}

function table(delivered: ReadonlyMap<string, readonly string[]>): void {
    const width = Math.max(...INCIDENTS.map(({ name }) => name.length));
    console.log(`      ${"incident".padEnd(width)}  wanted  delivered`);
    for (const each of INCIDENTS) {
        const got = delivered.get(each.name) ?? [];
        const same = JSON.stringify(got) === JSON.stringify(wanted(each));
        console.log(
            `      ${each.name.padEnd(width)}  ${String(each.messages.length).padStart(6)}  ${String(got.length).padStart(9)}${same ? "" : "  other messages"}`,
        );
    }
}
