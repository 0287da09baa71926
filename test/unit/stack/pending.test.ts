import assert from "node:assert/strict";

import { isolatedRun, OWNER, stackRun } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";
import { changed } from "../../support/refusalTable";

const HOSTS = { grafana: "grafana.example.com", kibana: "" };

const BUCKET = { type: "s3", endpoint: "", bucket: "" };

/** Everything that can be left to set is. */
const UNSET = {
    ...readStackFile("prod"),
    kubeContext: "",
    alerting: {
        runbookBaseUrl: "",
        receivers: {
            pager: { type: "pagerduty" },
            chat: { type: "slack", channel: "#redis" },
            group: { type: "dingtalk" },
        },
        routes: {
            pages: { severities: ["critical"], receivers: ["pager"] },
            messages: { severities: ["warning"], receivers: ["chat", "group"] },
        },
    },
    receiverSecrets: {
        chat: "https://hooks.example.com/1",
        group: { url: "https://oapi.dingtalk.com/robot/send?access_token=1" },
    },
    backup: { repository: BUCKET },
    backupCredentials: { accessKeyId: "key" },
    ingress: {
        enabled: true,
        className: "nginx",
        controllerNamespace: "ingress-nginx",
        hosts: HOSTS,
    },
};

const LIST = [
    "To set before `npx pulumi up --stack prod`:",
    "  kubeContext: the kubeconfig context of this stack's cluster",
    "    npx pulumi config set 'observability:kubeContext' CONTEXT --stack prod",
    "  alerting.runbookBaseUrl: where docs/runbooks of this repository is read",
    "    npx pulumi config set --path 'observability:alerting.runbookBaseUrl' URL --stack prod",
    "  backup.repository.endpoint: the URL of the S3 service for backups",
    "    npx pulumi config set --path 'observability:backup.repository.endpoint' URL --stack prod",
    "  backup.repository.bucket: the bucket for backups",
    "    npx pulumi config set --path 'observability:backup.repository.bucket' BUCKET --stack prod",
    "  backupCredentials.secretAccessKey: the secretAccessKey of that bucket",
    "    npx pulumi config set --secret --path 'observability:backupCredentials.secretAccessKey' VALUE --stack prod",
    '  receiverSecrets.pager: the integration (routing) key, of receiver "pager"',
    "    npx pulumi config set --secret --path 'observability:receiverSecrets.pager' VALUE --stack prod",
    '  receiverSecrets.group.signingSecret: the secret of the signature, which starts with SEC, of receiver "group"',
    "    npx pulumi config set --secret --path 'observability:receiverSecrets.group.signingSecret' VALUE --stack prod",
    "  elasticsearch.snapshots.bucket: the bucket for Elasticsearch's snapshots",
    "    npx pulumi config set --path 'observability:elasticsearch.snapshots.bucket' NAME --stack prod",
    "  snapshotCredentials.accessKey: the access key id for Elasticsearch's snapshots",
    "    npx pulumi config set --secret --path 'observability:snapshotCredentials.accessKey' VALUE --stack prod",
    "  snapshotCredentials.secretKey: the secret access key for Elasticsearch's snapshots",
    "    npx pulumi config set --secret --path 'observability:snapshotCredentials.secretKey' VALUE --stack prod",
    "  ingress.hosts.kibana: the host name of kibana",
    "    npx pulumi config set --path 'observability:ingress.hosts.kibana' HOST --stack prod",
];

describe("What is still to set", () => {
    it("ends an update before anything is registered, with the command for each value", async () => {
        const message = await refusal({ stack: "prod", settings: UNSET, preview: false });
        assert.deepEqual(message.split("\n"), [...LIST, "Nothing was registered."]);
    });

    it("is a warning in a preview, which shows everything", async () => {
        const run = await isolatedRun({ stack: "prod", settings: UNSET });
        assert.deepEqual(run.log, [`warning: [runtime] ${LIST.join("\n")}`]);
        assert.ok(run.registrations.length > 50, `only ${run.registrations.length} resources`);
    });

    it("is nothing once every value is set: the update runs without a warning", async () => {
        const run = await isolatedRun({
            stack: "prod",
            preview: false,
            settings: {
                ...UNSET,
                kubeContext: "prod",
                alerting: { ...UNSET.alerting, runbookBaseUrl: "https://example.com/runbooks" },
                receiverSecrets: {
                    pager: "key",
                    ...UNSET.receiverSecrets,
                    group: { ...UNSET.receiverSecrets.group, signingSecret: "SEC1" },
                },
                backup: {
                    repository: { ...BUCKET, endpoint: "https://s3.example.com", bucket: "bucket" },
                },
                backupCredentials: { accessKeyId: "key", secretAccessKey: "secret" },
                ...changed("prod", "elasticsearch", {
                    snapshots: { type: "s3", bucket: "snapshots" },
                }),
                snapshotCredentials: { accessKey: "id", secretKey: "key" },
                ingress: { ...UNSET.ingress, hosts: { grafana: "grafana.example.com" } },
            },
        });
        assert.deepEqual(run.log, []);
    });

    it("asks a tenant for its context, the runbooks of its alerts and the bucket of its backups; the rest is the owner's", async () => {
        const cluster = changed("prod", "cluster", { role: "tenant", ownerStack: OWNER });
        const run = await isolatedRun({
            stack: "qa",
            settings: { ...UNSET, ...cluster },
            stackOutputs: { [OWNER]: (await stackRun("prod")).outputs },
        });
        assert.deepEqual(run.log, [
            `warning: [runtime] ${LIST.slice(0, 11).join("\n").replaceAll("stack prod", "stack qa")}`,
        ]);
    });
});
