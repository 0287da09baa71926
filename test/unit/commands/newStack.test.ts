import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { newStack } from "../../../commands/newStack/main";
import { withFolder } from "../../../lab/program/runs";
import { FIXTURES, readStackFile, ROOT } from "../../../lab/program/stackFile";

const SOURCE = `# yaml-language-server: $schema=docs/stack.schema.json
encryptionsalt: v1:x:y
config:
  observability:environment: staging
  observability:kubeContext: my-staging
  # Beside staging's own cluster.
  observability:cluster:
    name: staging
    role: owner
  observability:receiverSecrets:
    chat:
      secure: AAAB
    pager:
      secure: AAAC
  observability:ingress: { hosts: { grafana: grafana.staging.example.com } }
  observability:redis:
    # Those of staging; prestaging and stagings are others.
    staging: { create: false }
  aws:region: eu-west-1
  observability:snapshotCredentials:
    accessKeyId: { secure: AAAD }
`;

const COPY = `# yaml-language-server: $schema=docs/stack.schema.json
config:
  # The label
  observability:environment: dev
  # Beside dev's own cluster.
  observability:cluster:
    name: dev
    role: owner
  # From outside
  observability:ingress: { hosts: { grafana: grafana.dev.example.com } }
  # Instances
  observability:redis:
    # Those of dev; prestaging and stagings are others.
    dev: { create: false }
  aws:region: eu-west-1
`;

const PROJECT_FILE = `config:
  observability:environment: { description: The label }
  observability:cluster: { description: The cluster }
  observability:ingress: { description: From outside }
  observability:redis: { description: Instances }
`;

function folder(use: (root: string) => void): Promise<void> {
    return withFolder((root) => {
        fs.writeFileSync(path.join(root, "Pulumi.yaml"), PROJECT_FILE);
        fs.writeFileSync(path.join(root, "Pulumi.staging.yaml"), SOURCE);
        return Promise.resolve(use(root));
    });
}

describe("npm run new-stack", () => {
    it("copies a stack file without what is one stack's own, under its own name, with a comment for each key", () =>
        folder((root) => {
            const lines = newStack(["dev", "--from", "staging"], root);
            const file = path.join(root, "Pulumi.dev.yaml");
            assert.equal(fs.readFileSync(file, "utf8"), COPY);
            assert.ok(
                lines.includes(
                    "Left out, since each stack has its own: encryptionsalt, observability:kubeContext, observability:receiverSecrets, observability:snapshotCredentials",
                ),
                lines.join("\n"),
            );
        }));

    it("never writes over a stack file", () =>
        folder((root) => {
            newStack(["dev", "--from", "staging"], root);
            assert.throws(() => newStack(["dev", "--from", "staging"], root), /"dev" already/);
            assert.equal(fs.readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8"), COPY);
        }));

    it("says everything that is wrong, and writes nothing", () =>
        folder((root) => {
            assert.throws(
                () => newStack(["Dev_1", "--from", "stagin", "--yes"], root),
                (error: Error) => {
                    assert.deepEqual(error.message.split("\n"), [
                        '"--yes" is not an option; allowed: --from STACK',
                        "\"Dev_1\" cannot be the name of an environment; allowed: 1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'",
                        'there is no stack "stagin"; did you mean "staging"? stacks: staging',
                        "npm run new-stack -- NAME --from staging",
                        "Nothing was written.",
                    ]);
                    return true;
                },
            );
            assert.deepEqual(fs.readdirSync(root).sort(), ["Pulumi.staging.yaml", "Pulumi.yaml"]);
        }));

    for (const from of ["staging", "prod"]) {
        it(`makes of ${from} what can be read again, with the same keys`, () =>
            withFolder((root) => {
                fs.copyFileSync(path.join(ROOT, "Pulumi.yaml"), path.join(root, "Pulumi.yaml"));
                const name = `Pulumi.${from}.yaml`;
                fs.copyFileSync(path.join(FIXTURES, name), path.join(root, name));
                newStack(["dev", "--from", from], root);
                const [copy, source] = [readStackFile("dev", root), readStackFile(from, root)];
                assert.deepEqual(Object.keys(copy), Object.keys(source));
                assert.equal(copy.environment, "dev");
                assert.deepEqual(Object.keys(copy.redis as object), ["dev"]);
                return Promise.resolve();
            }));
    }
});
