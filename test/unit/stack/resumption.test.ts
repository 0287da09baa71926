import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import type { Cluster, FoundObject, ObjectReference } from "../../../components/stack/cluster";
import { helmRecords } from "../../../components/stack/helmRecords";
import {
    isUnmarked,
    markedObject,
    markedRelease,
    markOfObject,
    markOfValues,
} from "../../../components/stack/ownership";
import { TakeOver } from "../../../components/stack/resumption";
import { PROJECT, readStackFile } from "../../../lab/program/stackFile";
import { runProgram } from "../../../lab/program/program";
import { stackRun } from "../../../lab/program/runs";
import { inCluster } from "../../support/apiServer";
import { HelmSecret, helmSecret } from "../../support/helmSecret";

const STAGING = "organization/observability/staging";
const OTHER = "organization/observability/other";
const MANAGER = "pulumi.com/patchFieldManager";
const UID = "11111111-0000-4000-8000-000000000000";

/** A cluster with these objects and Secrets of Helm. */
class Memory implements Cluster {
    readonly deleted: string[] = [];

    constructor(
        private readonly objects: Readonly<Record<string, FoundObject>> = {},
        private readonly secrets: HelmSecret[] = [],
    ) {}

    uid = () => Promise.resolve(UID);
    annotate = () => Promise.reject(new Error("nothing is annotated here"));

    find({ kind, namespace, name }: ObjectReference) {
        return Promise.resolve(this.objects[`${kind} ${namespace ?? ""}/${name}`]);
    }

    helmSecrets(namespace: string, release: string) {
        assert.deepEqual([namespace, release], ["elastic-system", "eck"]);
        return Promise.resolve(
            this.secrets.filter(({ metadata }) => !this.deleted.includes(metadata.name)),
        );
    }

    deleteSecret(_: string, name: string) {
        this.deleted.push(name);
        return Promise.resolve();
    }
}

const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "rules", namespace: "monitoring" },
};
const release = { name: "eck", namespace: "elastic-system" };
const there = (annotations: Record<string, string>) =>
    new Memory({ "ConfigMap monitoring/rules": { annotations, labels: {} } });

function takeOver(cluster: Cluster, adoptExisting = false) {
    return new TakeOver(cluster, STAGING, adoptExisting);
}

async function messageOf(work: Promise<void>): Promise<string> {
    const error: unknown = await work.then(
        () => undefined,
        (reason: unknown) => reason,
    );
    return error instanceof Error ? error.message : "it was let through";
}

describe("What an interrupted update left", () => {
    beforeEach(() =>
        pulumi.runtime.setMocks(
            { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
            PROJECT,
            "staging",
            false,
        ),
    );

    describe("objects", () => {
        for (const [what, cluster, adopt] of [
            ["is made where there is nothing", new Memory(), false],
            ["is taken over where this stack made it", there({ [MANAGER]: STAGING }), false],
            ["is taken over where the configuration adopts what is there", there({}), true],
        ] as const) {
            it(what, async () => {
                assert.equal(
                    await messageOf(takeOver(cluster, adopt).object(configMap)),
                    "it was let through",
                );
            });
        }

        it("is refused where nobody marked it", async () => {
            assert.equal(
                await messageOf(takeOver(there({})).object(configMap)),
                "ConfigMap monitoring/rules is in the cluster already, and no stack of this program marked it: it is not taken over. Delete or rename it, or set dataProtection.adoptExisting to take over what is there.",
            );
        });

        it("is refused where another stack made it", async () => {
            assert.match(
                await messageOf(takeOver(there({ [MANAGER]: OTHER })).object(configMap)),
                /stack "organization\/observability\/other" made it/,
            );
        });

        it("is nothing to a preview that does not know the name yet", async () => {
            const metadata = { name: {} };
            assert.equal(
                await messageOf(takeOver(there({})).object({ ...configMap, metadata })),
                "it was let through",
            );
        });
    });

    describe("releases", () => {
        for (const status of ["pending-install", "deployed", "failed", "pending-upgrade"]) {
            it(`of this stack, ${status}, are installed over: Helm's records go`, async () => {
                const cluster = new Memory({}, [
                    helmSecret(1, "superseded", STAGING),
                    helmSecret(2, status, STAGING),
                ]);
                await takeOver(cluster).release(release);
                assert.deepEqual(cluster.deleted, [
                    "sh.helm.release.v1.eck.v2",
                    "sh.helm.release.v1.eck.v1",
                ]);
            });
        }

        for (const [whose, mark] of [
            ["nobody's", undefined],
            ["another stack's", OTHER],
        ] as const) {
            it(`that are ${whose} are refused, and their records stay`, async () => {
                const cluster = new Memory({}, [helmSecret(1, "deployed", mark)]);
                assert.match(
                    await messageOf(takeOver(cluster, true).release(release)),
                    /^Helm release elastic-system\/eck, revision 1, deployed, is in the cluster already, .*helm uninstall eck -n elastic-system/,
                );
                assert.deepEqual(cluster.deleted, []);
            });
        }

        it("lose the pending revision, and no other, before an upgrade", async () => {
            const cluster = new Memory({}, [
                helmSecret(1, "deployed"),
                helmSecret(2, "pending-upgrade"),
            ]);
            await takeOver(cluster).pendingRelease(release);
            assert.deepEqual(cluster.deleted, ["sh.helm.release.v1.eck.v2"]);
        });

        it("are waited for while the killed engine's provider may be at them", async () => {
            const cluster = new Memory({}, [helmSecret(1, "pending-install", STAGING, 0)]);
            const started = Date.now();
            await new TakeOver(cluster, STAGING, false, 2).release(release);
            assert.ok(Date.now() - started >= 1000);
            assert.deepEqual(cluster.deleted, ["sh.helm.release.v1.eck.v1"]);
        });

        it("are read as Helm writes them", () => {
            const [latest, first] = helmRecords([
                helmSecret(9, "superseded"),
                helmSecret(10, "deployed", STAGING),
            ]);
            assert.deepEqual([latest?.revision, latest?.mark], [10, STAGING]);
            assert.deepEqual([first?.revision, first?.chart], [9, "eck-operator"]);
        });
    });
});

describe("The mark of a stack", () => {
    it("is on the object beside what it has", () => {
        const { metadata } = markedObject(
            { metadata: { name: "a", annotations: { one: "1" } } },
            STAGING,
        ) as { metadata: { annotations: Record<string, string> } };
        assert.deepEqual(metadata.annotations, { one: "1", [MANAGER]: STAGING });
        assert.equal(markOfObject(metadata.annotations), STAGING);
    });

    it("is in a release's values beside what they have", () => {
        const { values } = markedRelease({ values: { global: { rbac: true }, a: 1 } }, STAGING);
        assert.deepEqual(values, {
            a: 1,
            global: { rbac: true, observability: { stack: STAGING } },
        });
        assert.equal(markOfValues(values), STAGING);
    });

    it("is on what is new, and not on what the state has without", async function () {
        this.timeout(300_000);
        const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
        const { registrations } = await inCluster(UID, () =>
            runProgram({
                stack: "staging",
                settings: { ...readStackFile("staging"), kubeContext: "east" },
                recorded: {
                    [`urn:pulumi:staging::observability::${policy}::monitoring-default-deny`]: {
                        type: policy,
                        outputs: { metadata: { name: "default-deny-ingress" } },
                    },
                },
            }),
        );
        const marks = registrations
            .filter(({ type }) => type === policy)
            .map(({ name, inputs }) => {
                const { annotations } = inputs.metadata as { annotations?: Record<string, string> };
                return [name, markOfObject(annotations ?? {})] as const;
            });
        assert.ok(marks.length > 20);
        assert.deepEqual(
            marks.filter(([, mark]) => mark !== STAGING),
            [["monitoring-default-deny", undefined]],
        );
    });

    it("is not in an offline preview", async () => {
        const { registrations } = await stackRun("staging");
        assert.equal(
            JSON.stringify(registrations.map(({ inputs }) => inputs)).includes(STAGING),
            false,
        );
    });

    it("is told from the state", () => {
        const resource = { urn: "", type: "", name: "" };
        assert.equal(isUnmarked({ ...resource, outputs: {} }), true);
        const metadata = { annotations: { [MANAGER]: STAGING } };
        assert.equal(isUnmarked({ ...resource, outputs: { metadata } }), false);
        const values = { global: { observability: { stack: STAGING } } };
        assert.equal(isUnmarked({ ...resource, outputs: { values } }), false);
    });
});
