import assert from "node:assert/strict";

import { previewOf } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";
import { changed, refuses } from "../../support/refusalTable";

const elasticsearch = (snapshots: object) => changed("prod", "elasticsearch", { snapshots });

describe("Rules of what Elasticsearch keeps", () => {
    refuses({
        "logs for half a day more: an index is deleted as a whole": {
            change: changed("prod", "retention", { logs: "36h" }),
            says: `retention.logs: got "36h"; whole days, such as 7d, 2w or 48h: it is deleted by the day`,
        },
        "traces for an hour": {
            change: changed("prod", "retention", { traces: "1h" }),
            says: `retention.traces: got "1h"; whole days, such as 7d, 2w or 48h: it is deleted by the day`,
        },
        "backups for twelve hours": {
            change: changed("prod", "retention", { backups: "12h" }),
            says: `retention.backups: got "12h"; whole days, such as 7d, 2w or 48h: it is deleted by the day`,
        },
        "backups for a time that is no duration": {
            change: changed("prod", "retention", { backups: "a month" }),
            says: `retention.backups: got "a month"; allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d, at most 36500d`,
        },
        "more daily indices than the nodes have shards for": {
            change: {
                ...changed("prod", "retention", { logs: "900d" }),
                ...changed("prod", "elasticsearch", { storageSize: "2Ti" }),
            },
            // 4 streams x 901 days x 2 copies, and 80 % of 1000 shards on each of 3 nodes.
            says: `retention.logs: got "900d"; an index a day of each stream, for 900d, makes 7208 shards, and 3 nodes take 2400: shorten it, or add nodes`,
        },
    });
});

describe("Rules of the snapshot repository", () => {
    refuses({
        "a kind of repository that there is not": {
            change: elasticsearch({ type: "ftp" }),
            says: `elasticsearch.snapshots.type: got "ftp"; allowed: none, s3, gcs, azure, sharedFileSystem`,
        },
        "the key of another kind": {
            change: elasticsearch({ type: "azure", container: "container", buckt: "b" }),
            says: "elasticsearch.snapshots.buckt: got an unknown key; allowed: type, container, basePath",
        },
        "a folder that begins with a slash, which S3 would take for another name": {
            change: elasticsearch({ type: "s3", bucket: "bucket", basePath: "/es" }),
            says: `elasticsearch.snapshots.basePath: got "/es"; allowed: a path without a slash at its start or end, such as elasticsearch/prod, of letters, digits and -_.!*'()`,
        },
        "a credential that the kind does not have": {
            change: {
                ...elasticsearch({ type: "s3", bucket: "bucket" }),
                snapshotCredentials: { accessKey: "id", secretKey: "key", secretKye: "key" },
            },
            says: `snapshotCredentials.secretKye: got an unknown key; did you mean "secretKey"? allowed: accessKey, secretKey, serviceAccount, account, key`,
        },
        "a credential where there are no snapshots": {
            change: {
                ...elasticsearch({ type: "none" }),
                snapshotCredentials: { accessKey: "id" },
            },
            says: `snapshotCredentials.accessKey: got a secret that snapshots of type "none" do not have; allowed: none`,
        },
    });

    const ready = {
        ...readStackFile("prod"),
        alerting: { runbookBaseUrl: "https://example.com/r", receivers: {} },
        kubeContext: "prod",
    };

    for (const [kind, snapshots, given, missing] of [
        [
            "S3",
            { type: "s3", bucket: "bucket" },
            { accessKey: "id" },
            "snapshotCredentials.secretKey: the secret access key",
        ],
        [
            "Google Cloud Storage",
            { type: "gcs", bucket: "bucket" },
            {},
            "snapshotCredentials.serviceAccount: the JSON key of a service account",
        ],
        [
            "Azure",
            { type: "azure", container: "container" },
            { account: "a" },
            "snapshotCredentials.key: the storage account's access key",
        ],
    ] as const) {
        it(`refuse an update with a repository on ${kind} without its credentials`, async () => {
            const settings = {
                ...ready,
                ...elasticsearch(snapshots),
                snapshotCredentials: given,
            };
            const message = await refusal({ stack: "prod", settings, preview: false });
            const [first, what, command] = message.split("\n");
            assert.equal(first, "To set before `npx pulumi up --stack prod`:");
            assert.equal(what, `  ${missing} for Elasticsearch's snapshots`);
            assert.match(command ?? "", /pulumi config set --secret --path '\S+' VALUE/);
        });
    }

    it("take a shared file system without credentials", async () => {
        const change = elasticsearch({
            type: "sharedFileSystem",
            storageClass: "nfs",
            storageSize: "50Gi",
        });
        const run = await previewOf("prod", { ...ready, ...change });
        assert.deepEqual(run.log, []);
    });
});
