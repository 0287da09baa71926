import assert from "node:assert/strict";

import {
    customResources,
    find,
    kubernetesObjects,
    leaves,
    ofKind,
    releases,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun, STACKS } from "../../../lab/program/runs";
import { rawStackOutputs } from "../../support/stackOutputs";

const GENERATORS = [
    "random:index/randomPassword:RandomPassword",
    "tls:index/privateKey:PrivateKey",
];

/** Values that a provider would generate and nobody may read. */
function generated({ registrations }: ProgramRun): string[] {
    return registrations
        .filter(({ type }) => GENERATORS.includes(type))
        .map(({ name }) => `generated-${name}`);
}

/** Paths at which a value holds one of the texts; with `unmarked`, only where it is not marked as a secret. */
function places(value: unknown, texts: readonly string[], unmarked = false): string[] {
    return leaves(value)
        .filter(([, leaf]) => texts.some((text) => String(leaf).includes(text)))
        .filter(([path]) => !unmarked || !path.includes("secret"))
        .map(([path]) => path.join("."));
}

for (const stack of STACKS) {
    describe(`Secrets of ${stack}`, () => {
        let run: ProgramRun;
        let values: string[];
        before(async () => {
            run = await stackRun(stack);
            values = generated(run);
            assert.ok(values.length >= 6, values.join(", "));
        });

        it("are marked as secret wherever the engine gets them", () => {
            const readable = run.registrations.flatMap(({ urn, inputs }) =>
                places(inputs, values, true).map((path) => `${urn}: ${path}`),
            );
            assert.deepEqual(readable, []);
        });

        it("are in no ConfigMap, no custom resource and no Helm value, marked or not", () => {
            const exposed = [
                ...ofKind(run, "ConfigMap", "Deployment"),
                ...customResources(run),
            ].flatMap(({ registration, manifest }) =>
                places(manifest, values).map((path) => `${registration.urn}: ${path}`),
            );
            const inValues = releases(run).flatMap(({ registration }) =>
                places(registration.inputs, values).map((path) => `${registration.urn}: ${path}`),
            );
            assert.deepEqual([...exposed, ...inValues], []);
        });

        it("are each in a Secret of the cluster", () => {
            const secrets = ofKind(run, "Secret").map(({ manifest }) => manifest);
            const lost = values.filter((value) => places(secrets, [value]).length === 0);
            assert.deepEqual(lost, []);
        });

        it("are long and differ from each other", () => {
            const passwords = run.registrations.filter(({ type }) => type === GENERATORS[0]);
            for (const { name, inputs } of passwords) {
                assert.ok(Number(inputs.length) >= 32, name);
            }
        });

        it("stay when nothing changes: no password is made anew by another value", () => {
            const passwords = run.registrations.filter(({ type }) => type === GENERATORS[0]);
            for (const { name, inputs } of passwords) {
                assert.deepEqual(Object.keys(inputs).sort(), ["length", "special"], name);
            }
        });
    });
}

describe("Secrets of receivers", () => {
    const secret = "https://hooks.example.com/T0/B0/x";
    const receivers = { chat: { type: "slack", channel: "#redis" } };
    const routes = { all: { severities: ["critical"], receivers: ["chat"] } };
    let run: ProgramRun;
    let outputs: Record<string, unknown>;
    before(async () => {
        run = await previewOf("prod", {
            alerting: { runbookBaseUrl: "", receivers, routes },
            receiverSecrets: { chat: secret },
        });
        outputs = rawStackOutputs();
    });

    it("reach one Secret, marked, and Alertmanager's configuration names only their file", () => {
        const { manifest } = find(run, "Secret", "alertmanager-receivers");
        assert.deepEqual(manifest.stringData, { secret: { chat: secret } });
        const holders = kubernetesObjects(run).filter(
            (each) => places(each.manifest, [secret]).length > 0,
        );
        assert.deepEqual(
            holders.map(({ name }) => name),
            ["alertmanager-receivers"],
        );
        const config = find(run, "Secret", "alertmanager-config").manifest;
        const text = textAt(config, "stringData", "secret", "alertmanager.yaml");
        assert.match(
            text,
            /api_url_file: \/etc\/alertmanager\/secrets\/alertmanager-receivers\/chat/,
        );
    });

    it("and generated passwords are in no stack output that is not secret", () => {
        const readable = leaves(outputs).filter(([path, leaf]) => {
            const marked = path.some((_, i) => {
                const mark = valueAt(outputs, ...path.slice(0, i), SECRET_MARK);
                return mark !== undefined;
            });
            return (
                !marked && [secret, ...generated(run)].some((each) => String(leaf).includes(each))
            );
        });
        assert.deepEqual(readable, []);
    });

    it("and generated passwords are in stack outputs for who may read secrets", () => {
        const texts = generated(run);
        const grafana = texts.filter((text) => text.endsWith("-grafana-admin"));
        assert.ok(places(outputs.passwords, grafana).length > 0);
        const redis = texts.filter((text) => text.startsWith("generated-redis-"));
        assert.ok(redis.length > 0);
        for (const password of redis) {
            assert.ok(places(outputs, [password]).length > 0, password);
        }
    });
});

/** The SDK's key beside a secret value. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";
