import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { Cluster } from "../../lab/cluster";
import { EngineProject, EngineSetup, EngineStack } from "../../lab/engine";
import { runProgram } from "../../lab/program/program";
import { plain } from "../../lab/program/secrets";
import { readStackFile } from "../../lab/program/stackFile";

/** Each of both programs comes up and goes so often, by turns, so that other work of the machine hits both. */
const ROUNDS = 3;
const PREVIEWS = 2;

/** Times the engine with our program and with the floor, by turns on the same cluster. */
export async function benchEngine(setup: EngineSetup): Promise<void> {
    console.log(`\nEngine, stack staging on an empty cluster, ${ROUNDS} rounds by turns:`);
    // Not counted: it leaves the CRDs, which both of the others then find.
    await warmUp(setup);
    const prepareFloor = await floorProgram(setup);
    const floor: Seconds[] = [];
    const ours: Seconds[] = [];
    for (let round = 0; round < ROUNDS; round++) {
        floor.push(await lifecycle(setup, prepareFloor));
        ours.push(await lifecycle(setup, () => undefined));
    }
    for (const what of Object.keys(ours[0] ?? {})) {
        const [mine, least] = [median(ours, what), median(floor, what)];
        console.log(
            `  ${what.padEnd(20)} ${mine.toFixed(1)} s (${range(ours, what)}), floor ${least.toFixed(1)} s ` +
                `(${range(floor, what)}), ratio ${(mine / least).toFixed(2)}`,
        );
    }
}

type Seconds = Readonly<Record<string, number>>;

function sorted(rounds: readonly Seconds[], what: string): number[] {
    return rounds.map((each) => each[what] ?? NaN).sort((one, other) => one - other);
}

function median(rounds: readonly Seconds[], what: string): number {
    return sorted(rounds, what)[Math.floor(rounds.length / 2)] ?? NaN;
}

function range(rounds: readonly Seconds[], what: string): string {
    const all = sorted(rounds, what);
    return `${(all[0] ?? NaN).toFixed(1)}-${(all.at(-1) ?? NaN).toFixed(1)}`;
}

async function warmUp(setup: EngineSetup): Promise<void> {
    const project = new EngineProject(setup);
    const stack = await project.stack("staging", ["chat"]);
    await stack.up();
    await stack.destroy();
    project.remove();
}

/** Seconds of each operation, with index.ts as `prepare` leaves it. */
async function lifecycle(setup: EngineSetup, prepare: (folder: string) => void): Promise<Seconds> {
    const project = new EngineProject(setup);
    const stack = await project.stack("staging", ["chat"]);
    prepare(project.folder);
    try {
        return {
            preview: await timed(() => preview(stack)),
            up: await timed(() => stack.up()),
            "no-change preview": await best(PREVIEWS, () => preview(stack)),
            refresh: await best(PREVIEWS, () => stack.refresh()),
            destroy: await timed(() => stack.destroy()),
        };
    } finally {
        await stack.destroy();
        project.remove();
    }
}

function preview(stack: EngineStack): Promise<string> {
    return stack.pulumi("preview", "--stack", "staging");
}

async function timed(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
}

/** The fastest of several runs: what else the machine does only ever adds. */
async function best(runs: number, work: () => Promise<unknown>): Promise<number> {
    const seconds: number[] = [];
    for (let i = 0; i < runs; i++) {
        seconds.push(await timed(work));
    }
    return Math.min(...seconds);
}

/** A program of one loop over the resources that ours registers, with their inputs as data. */
async function floorProgram(setup: EngineSetup): Promise<(folder: string) => void> {
    const settings = readStackFile("staging");
    const { registrations } = await runProgram({
        stack: "staging",
        settings: {
            ...settings,
            charts: { source: setup.chartsFolder },
            cluster: { ...(settings.cluster as object), waitForReady: false },
        },
    });
    const resources = registrations
        .filter(
            ({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers"),
        )
        .map(({ type, name, urn, custom, dependencies, inputs }) => ({
            type,
            name,
            urn,
            custom,
            dependencies,
            inputs: plain(inputs) as Record<string, unknown>,
        }));
    const cluster = new Cluster(setup.kubeContext);
    for (const { type, name, inputs } of resources) {
        if (type.endsWith(":CustomResourceDefinition")) {
            // Offline there is only its name.
            const crd = await cluster.kubectl("get", "crd", name, "-o", "json");
            inputs.spec = (JSON.parse(crd) as { spec: unknown }).spec;
        }
    }
    // The certificate needs a key that is one.
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
    const data = JSON.stringify({ resources, kubeContext: setup.kubeContext }).replaceAll(
        '"generated-elasticsearch-ca-key"',
        JSON.stringify(pem),
    );
    return (folder) => {
        fs.writeFileSync(path.join(folder, "floor.json"), data);
        fs.writeFileSync(path.join(folder, "index.ts"), FLOOR);
    };
}

const FLOOR = `import * as fs from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import "@pulumi/random";
import "@pulumi/tls";

const { resources, kubeContext } = JSON.parse(fs.readFileSync("floor.json", "utf8"));
const provider = new k8s.Provider("cluster", {
    context: kubeContext,
    clusterIdentifier: "floor",
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    upsertExistingObjects: true,
    kubeClientSettings: { qps: 500, burst: 1000 },
});
const made: Record<string, pulumi.Resource> = {};
for (const { type, name, urn, custom, dependencies, inputs } of resources) {
    const dependsOn = dependencies.map((each: string) => made[each]).filter(Boolean);
    const opts = type.startsWith("kubernetes:") ? { provider, dependsOn } : { dependsOn };
    made[urn] = custom
        ? new pulumi.CustomResource(type, name, inputs, opts)
        : new pulumi.ComponentResource(type, name, {}, opts);
}
`;
