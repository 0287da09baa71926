import assert from "node:assert/strict";

import { seconds } from "../../../components/settings/duration";
import { leaves, valueAt } from "../../../lab/program/objects";
import { readStackFile, Settings } from "../../../lab/program/stackFile";

/** `pulumi config set` appends these, to one file at a time. */
const SET_BY_COMMAND = ["kubeContext", "receiverSecrets", "snapshotCredentials"];
/** What an environment may leave out. */
const OPTIONAL = ["alerting.defaultReceiver"];
/** Maps by name, and what a kind of store needs: their keys are an environment's own. */
const OWN_KEYS = [
    "elasticsearch.snapshots",
    "alerting.receivers",
    "alerting.routes",
    "redis",
    "ingress.hosts",
    "ingress.annotations",
];

/** Paths of all keys, in the file's order, without an environment's own. */
function keys(value: unknown, path = ""): string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return [];
    }
    return Object.entries(value).flatMap(([key, each]) => {
        const full = path ? `${path}.${key}` : key;
        return [...SET_BY_COMMAND, ...OPTIONAL].includes(full)
            ? []
            : [full, ...(OWN_KEYS.includes(full) ? [] : keys(each, full))];
    });
}

/** Every number of pods and nodes by its path; instances without their namespace. */
function counts(settings: Settings): Map<string, number> {
    const { redis, ...platform } = settings;
    const instances = Object.values(redis as Record<string, { instances: Settings }>).map(
        (namespace) => namespace.instances,
    );
    return new Map(
        [platform, ...instances].flatMap((each) =>
            leaves(each)
                .filter(([path]) => /(replicas|nodes|shards|sentinels)$/i.test(path.join(".")))
                .map(([path, value]) => [path.join("."), Number(value)] as const),
        ),
    );
}

describe("Stack files of the fixtures", () => {
    const staging = readStackFile("staging");
    const prod = readStackFile("prod");

    it("have the same keys in the same order: their difference is the environments'", () => {
        assert.deepEqual(keys(prod), keys(staging));
    });

    it("name their own environment", () => {
        assert.deepEqual([staging.environment, prod.environment], ["staging", "prod"]);
    });

    it("give prod at least as many replicas as staging, of everything that both have", () => {
        const production = counts(prod);
        const compared = [...counts(staging)].filter(([path]) => production.has(path));
        assert.ok(compared.length > 6, compared.join(" "));
        for (const [path, count] of compared) {
            const got = production.get(path) ?? 0;
            assert.ok(got >= count, `${path}: prod has ${got}, staging ${count}`);
        }
    });

    it("keep every signal of prod at least as long as staging's", () => {
        for (const [signal, value] of Object.entries(staging.retention as Record<string, string>)) {
            const kept = valueAt(prod.retention, signal) as string;
            assert.ok(seconds(kept) >= seconds(value), `${signal}: prod ${kept}, staging ${value}`);
        }
    });

    it("keep a week of traces", () => {
        for (const { retention } of [staging, prod]) {
            assert.equal(seconds(valueAt(retention, "traces") as string), 7 * 86400);
        }
    });
});
