import assert from "node:assert/strict";

import { RenderedFiles, renderManifests } from "../../../commands/preview/manifests";
import { kubernetesObjects, releases } from "../../../lab/program/objects";
import { ProgramRun } from "../../../lab/program/program";
import { previewOf, STACKS } from "../../../lab/program/runs";

const SECRET = "https://hooks.example.com/T0/B0/x";
const CHANGE = {
    alerting: {
        runbookBaseUrl: "",
        receivers: { chat: { type: "slack", channel: "#redis" } },
        routes: { all: { severities: ["critical"], receivers: ["chat"] } },
    },
    receiverSecrets: { chat: SECRET },
};

for (const stack of STACKS) {
    describe(`Rendered manifests of ${stack}`, () => {
        let run: ProgramRun;
        let files: RenderedFiles;
        before(async () => {
            run = await previewOf(stack, CHANGE);
            files = renderManifests(run.registrations);
        });

        it("are the same bytes at every run, so that a diff shows what changed", async () => {
            const again = await previewOf(stack, CHANGE);
            assert.deepEqual(renderManifests(again.registrations), files);
        });

        it("are a file for each object and each release", () => {
            const count = kubernetesObjects(run).length + releases(run).length;
            assert.equal(Object.keys(files).length, count);
        });

        it("hold no secret", () => {
            // A certificate is made too, and public.
            const generated = /generated-(?!elasticsearch-ca-certificate\b)/;
            for (const [name, content] of Object.entries(files)) {
                assert.ok(!content.includes(SECRET), name);
                assert.doesNotMatch(content, generated, name);
            }
        });

        it("show that an object holds a secret, and what in it is none", () => {
            const receivers = files["monitoring/secret-alertmanager-receivers.yaml"] ?? "";
            assert.match(receivers, /^stringData:\n {2}chat: "\[secret\]"$/m);
            const admin = files["monitoring/secret-grafana-admin.yaml"] ?? "";
            assert.match(admin, /^ {2}admin-password: "\[secret\]"\n {2}admin-user: admin$/m);
            const certificate = files["logging/secret-elasticsearch-ca-key.yaml"] ?? "";
            assert.match(certificate, /^ {2}ca\.key: "\[secret\]"$/m);
        });

        it("mask whole what is made of a secret", () => {
            const sources = files["monitoring/secret-grafana-data-sources.yaml"] ?? "";
            assert.match(sources, /^stringData:\n {2}observability\.yaml: "\[secret\]"$/m);
        });

        it("show Alertmanager's routes, which name no secret", () => {
            const config = files["monitoring/secret-alertmanager-config.yaml"] ?? "";
            assert.match(config, /^ {4}route:$/m);
            assert.match(config, /^ {8}- receiver: chat$/m);
            assert.match(config, /api_url_file: \/etc\/alertmanager\/secrets\//);
        });
    });
}
