import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { Cluster, FoundObject, ObjectReference } from "../../../components/stack/cluster";
import { Finding, findings } from "../../../commands/recover/findings";
import { recoverRequest, report } from "../../../commands/recover/recover";
import { stateFileFindings } from "../../../commands/recover/stateFiles";
import type { Registration } from "../../../lab/program/program";
import { HelmSecret, helmSecret } from "../../support/helmSecret";

const MARK = "organization/observability/staging";
const MANAGER = "pulumi.com/patchFieldManager";
const OURS = { "app.kubernetes.io/part-of": "observability" };

function declared(type: string, name: string, inputs: Record<string, unknown>): Registration {
    return { type, name, inputs } as unknown as Registration;
}

const configMap = (name: string) =>
    declared("kubernetes:core/v1:ConfigMap", name, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "monitoring" },
    });
const release = declared("kubernetes:helm.sh/v3:Release", "eck-release", {
    name: "eck",
    namespace: "elastic-system",
    chart: "/charts/eck-operator-3.5.0.tgz",
});

interface World {
    readonly objects?: Readonly<Record<string, FoundObject>>;
    readonly secrets?: HelmSecret[];
    readonly recorded?: readonly Registration[];
    readonly pending?: readonly string[];
}

/** Findings about the ConfigMap `a` and the release `eck`, as `what; then` with a star where a fix is offered. */
async function found({ objects = {}, secrets = [], recorded = [], pending = [] }: World) {
    const never = () => Promise.reject(new Error("a look changes nothing"));
    const cluster: Cluster = {
        uid: never,
        annotate: never,
        deleteSecret: never,
        helmSecrets: () => Promise.resolve(secrets),
        find: ({ name }: ObjectReference) => Promise.resolve(objects[name]),
    };
    const urn = (type: string, name: string) =>
        `urn:pulumi:staging::observability::${type}::${name}`;
    const list = await findings({
        stack: "staging",
        mark: MARK,
        declared: [configMap("a"), release],
        state: {
            deployment: {
                resources: recorded.map(({ type, name }) => ({ type, urn: urn(type, name) })),
                pending_operations: pending.map((name) => ({
                    type: "creating",
                    resource: { urn: urn("kubernetes:core/v1:ConfigMap", name) },
                })),
            },
        },
        cluster,
    });
    return list.map(line);
}

const line = ({ what, then, fix }: Finding) => `${fix ? `[${fix.kind}] ` : ""}${what}; ${then}`;
const object = (annotations: Record<string, string>, labels: Record<string, string> = OURS) => ({
    a: { annotations, labels },
});
const IN_THE_WAY = "ConfigMap monitoring/a is in the cluster and not in the state";

describe("What `npm run recover` finds", () => {
    const cases: readonly (readonly [string, World, string[]])[] = [
        ["an empty cluster and an empty state", {}, []],
        [
            "an object of this stack",
            { objects: object({ [MANAGER]: MARK }) },
            [`${IN_THE_WAY}; the next update takes it over`],
        ],
        [
            "an object of another stack",
            { objects: object({ [MANAGER]: "organization/observability/prod" }) },
            [
                `${IN_THE_WAY}; stack "organization/observability/prod" made it: the next update refuses`,
            ],
        ],
        [
            "an object of an earlier version",
            { objects: object({}) },
            [
                `[mark] ${IN_THE_WAY}; it has our label and no stack's mark, as an earlier version made it: the next update refuses until it is marked as this stack's`,
            ],
        ],
        [
            "somebody else's object",
            { objects: object({}, {}) },
            [`${IN_THE_WAY}; it is nobody's that is known here: the next update refuses`],
        ],
        ["an object that the state has", { objects: object({}), recorded: [configMap("a")] }, []],
        [
            "a pending release of this stack",
            { secrets: [helmSecret(1, "pending-install", MARK)] },
            [
                "Helm release elastic-system/eck, revision 1, pending-install, is in the cluster and not in the state; the next update installs it over what is there",
            ],
        ],
        [
            "a release of an earlier version",
            { secrets: [helmSecret(1, "deployed")] },
            [
                "[forgetRecord] Helm release elastic-system/eck, revision 1, deployed, is in the cluster and not in the state; no stack marked it, as an earlier version made it: the next update refuses until Helm's record of it is gone, and then installs over what is there",
            ],
        ],
        [
            "a pending upgrade",
            {
                secrets: [helmSecret(1, "deployed", MARK), helmSecret(2, "pending-upgrade", MARK)],
                recorded: [release],
            },
            [
                "Helm release elastic-system/eck, revision 2, pending-upgrade; `npx pulumi up --refresh --stack staging` compares it with what Helm began, and upgrades it",
            ],
        ],
        [
            "a release that the state has and Helm has not",
            { recorded: [release] },
            [
                "Helm has no record of elastic-system/eck, which the state has; `npx pulumi up --refresh --stack staging` installs it again",
            ],
        ],
        [
            "operations that did not end",
            { pending: ["a"] },
            [
                "[clearPending] the state has 1 operations that began and did not end: creating a; every update warns of them until `npx pulumi refresh --clear-pending-creates --stack staging` has run; best after the next `npx pulumi up`",
            ],
        ],
    ];
    for (const [what, world, lines] of cases) {
        it(`is right of ${what}`, async () => assert.deepEqual(await found(world), lines));
    }

    it("is told with what to run", () => {
        const marked: Finding = { what: "one", then: "a" };
        const fixed: Finding = { what: "two", then: "b", fix: { kind: "clearPending" } };
        assert.deepEqual(report([fixed, marked], "staging", false), [
            `Stack "staging": an interrupted update left 2 traces.`,
            "  * two; b",
            "  - one; a",
            "",
            "What has a star is done by:  npm run recover -- --stack staging --apply",
            "Make sure before that nobody updates the stack now.",
            "Then:  npx pulumi cancel --stack staging   (where it says that the stack is locked)",
            "       npx pulumi up --stack staging",
        ]);
        assert.equal(report([], "staging", false).length, 1);
    });
});

describe("A state in files whose CLI was killed as it wrote", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "state-"));
        const stacks = path.join(folder, ".pulumi/stacks/observability");
        fs.mkdirSync(stacks, { recursive: true });
        fs.writeFileSync(path.join(stacks, "prod.json"), "{}");
        fs.writeFileSync(path.join(stacks, "prod.json.attrs"), `{"user.cache_control":""}`);
        fs.writeFileSync(path.join(stacks, "staging.json"), "{}");
        fs.writeFileSync(path.join(stacks, "staging.json.attrs"), "");
        fs.writeFileSync(path.join(stacks, "empty.json"), "");
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    const files = (url: string, at = "/") =>
        stateFileFindings(url, at).map(({ fix }) => (fix?.kind === "removeFile" ? fix.file : fix));

    it("has its empty attributes found, by the URL of the backend in each of its forms", () => {
        const expected = [path.join(folder, ".pulumi/stacks/observability/staging.json.attrs")];
        assert.deepEqual(files(`file://${folder}`), expected);
        assert.deepEqual(files(`file://${folder}?no_tmp_dir=true`), expected);
        const [above, name] = [path.dirname(folder), path.basename(folder)];
        assert.deepEqual(files(`file://./${name}`, above), expected);
        const fromHome = path.relative(os.homedir(), folder);
        assert.deepEqual(files(`file://~/${fromHome}`), expected);
    });

    it("is left alone where the state is whole, or elsewhere", () => {
        fs.rmSync(path.join(folder, ".pulumi/stacks/observability/staging.json.attrs"));
        assert.deepEqual(files(`file://${folder}`), []);
        assert.deepEqual(files("https://app.pulumi.com/somebody"), []);
        assert.deepEqual(files("s3://states"), []);
        assert.deepEqual(files(`file://${folder}/never-written`), []);
    });
});

describe("What `npm run recover` is asked", () => {
    it("is a stack, to look or to act", () => {
        assert.deepEqual(recoverRequest(["--stack", "prod"], ["prod"]), {
            stack: "prod",
            apply: false,
        });
        assert.deepEqual(recoverRequest(["--apply", "--stack", "prod"], ["prod"]), {
            stack: "prod",
            apply: true,
        });
    });

    it("is refused with every problem", () => {
        assert.throws(
            () => recoverRequest(["--yes", "--stack", "prd"], ["prod", "staging"]),
            new Error(
                [
                    `"--yes" is not an option`,
                    `there is no stack "prd"; stacks: prod, staging`,
                    "usage: npm run recover -- --stack STACK [--apply]",
                    "Nothing was read.",
                ].join("\n"),
            ),
        );
    });
});
