import assert from "node:assert/strict";

import { findRelease, valueAt } from "../../../lab/program/objects";
import { previewOf, stackRun } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { refusal } from "../../support/refusal";

const alerting = (rules: object): Record<string, unknown> => ({
    alerting: { ...(readStackFile("prod").alerting as object), rules },
});

async function chartValues(rules: object): Promise<unknown> {
    return findRelease(await previewOf("prod", alerting(rules)), "kube-prometheus-stack").values;
}

describe("The chart's alerts", () => {
    it("are switched off and changed by name, like ours", async () => {
        const values = await chartValues({
            KubeCPUOvercommit: { enabled: false },
            KubeJobFailed: { severity: "critical", for: "1h" },
        });
        assert.equal(valueAt(values, "defaultRules", "disabled", "KubeCPUOvercommit"), true);
        assert.deepEqual(valueAt(values, "customRules"), {
            KubeJobFailed: { severity: "critical", for: "1h" },
        });
    });

    it("that tell the same as one of ours are off, and can be had", async () => {
        const { values } = findRelease(await stackRun("prod"), "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "defaultRules", "disabled"), {
            KubeDeploymentReplicasMismatch: true,
            KubePodCrashLooping: true,
        });
        const asked = await chartValues({ KubePodCrashLooping: { enabled: true } });
        assert.deepEqual(valueAt(asked, "defaultRules", "disabled"), {
            KubeDeploymentReplicasMismatch: true,
        });
    });

    for (const [what, name, says] of [
        [
            "one that the chart does not have",
            "KubeCPUOvercomit",
            /KubeCPUOvercomit: got an unknown key; did you mean "KubeCPUOvercommit"\?/,
        ],
        ["the end of the heartbeat", "Watchdog", /alerting\.rules\.Watchdog: got an unknown key/],
    ] as const) {
        it(`refuse ${what}`, async () => {
            const change = alerting({ [name]: { enabled: false } });
            const settings = { ...readStackFile("prod"), ...change };
            assert.match(await refusal({ stack: "prod", settings }), says);
        });
    }
});
