import * as assert from "node:assert/strict";

import { Cluster } from "../../lab/cluster";
import { EngineProject, engineSetup, EngineStack } from "../../lab/engine";
import { skip } from "../support/skip";

describe("engine: prod owns the cluster and staging is its tenant", function () {
    this.timeout(1_200_000);
    let project: EngineProject;
    let owner: EngineStack;
    let tenant: EngineStack;
    let cluster: Cluster;

    before(async function () {
        const setup = engineSetup();
        if (typeof setup === "string") {
            return skip(this, setup);
        }
        project = new EngineProject(setup);
        cluster = new Cluster(setup.kubeContext);
        owner = await project.stack("prod", ["pager", "chat", "heartbeat"]);
        await owner.set("dataProtection.protect", "false");
        await owner.set("dataProtection.keepVolumes", "false");
        await owner.set("cluster.tenantNamespaces.staging", "staging");
        await owner.set("alerting.unroutedEnvironments[0]", "staging");
        tenant = await project.stack("staging", []);
        await tenant.set("cluster.role", "tenant");
        await tenant.set("cluster.ownerStack", "organization/observability/prod");
    });

    after(async function () {
        if (tenant) {
            await tenant.destroy();
            await owner.destroy();
            project.remove();
        }
    });

    it("names the owner's stack when it does not exist", async () => {
        await assert.rejects(tenant.up(), /organization\/observability\/prod/);
        assert.ok(!(await cluster.namespaces()).includes("staging"), "something was installed");
    });

    it("adds only the tenant's own namespace to the owner's platform", async () => {
        await owner.up();
        const before = await cluster.namespaces();
        await tenant.up();
        const added = (await cluster.namespaces()).filter((name) => !before.includes(name));
        assert.deepEqual(added, ["staging"]);
    });

    it("gives the owner's endpoints as the tenant's", async () => {
        const [ours, theirs] = await Promise.all([tenant.outputs(), owner.outputs()]);
        assert.deepEqual(ours.endpoints, theirs.endpoints);
    });

    it("leaves the owner whole when the tenant is destroyed", async () => {
        await tenant.destroy();
        assert.ok(!(await cluster.namespaces()).includes("staging"));
        await owner.refresh("--expect-no-changes");
        await owner.up("--expect-no-changes");
    });
});
