import assert from "node:assert/strict";

import { ACCOUNT } from "../../lab/endpoints/elasticStack";
import { eventually } from "../../lab/tools/commands";
import { ElasticWorld, elasticWorld, runSetup, setUp, userOf } from "./world";

/**
 * A rotation changes the Secret: pods of clients start with the new password at once, and the node has it when ECK and
 * the kubelet have written its files.
 */
describe("Elasticsearch: a changed password", function () {
    this.timeout(120_000);
    let world: ElasticWorld;
    before(async function () {
        world = await elasticWorld(this);
        await setUp(world);
    });
    after(async () => {
        if (world) {
            world.node.setRealm(world.realm);
            await knows(world, userOf(world, "grafana").password);
        }
    });

    it("is refused before the node has it, then taken, and the old one is refused, without a restart", async () => {
        const { node, realm } = world;
        const { pid } = node;
        const old = userOf(world, "grafana");
        const renewed = { ...old, password: "the-next-password" };
        const asked = (user: typeof old) =>
            node.call(user, "POST", "/redis-logs-instance/_search", {});
        assert.equal((await asked(old)).status, 200);
        assert.equal((await asked(renewed)).status, 401);

        const users = realm.users.map((user) => (user === old ? renewed : user));
        node.setRealm({ ...realm, users });
        await knows(world, renewed.password);
        assert.equal((await asked(renewed)).status, 200);
        assert.equal((await asked(old)).status, 401);
        // Nobody else is asked anew.
        const other = await node.call(userOf(world, "exporter"), "GET", "/_cluster/health");
        assert.equal(other.status, 200);
        assert.equal(node.pid, pid);
    });

    it("reaches the node while the setup Job runs with it already: the Job waits", async () => {
        const { node, realm } = world;
        const early = realm.users.map((user) =>
            user.username === ACCOUNT.username ? { ...user, password: "not-yet" } : user,
        );
        node.setRealm({ ...realm, users: early });
        await eventually("the node has the old password", 30, async () => {
            const { status } = await node.call(userOf(world, ACCOUNT.username), "GET", "/");
            return status === 401 ? true : undefined;
        });
        const job = runSetup(world);
        setTimeout(() => node.setRealm(realm), 3000);
        const { status, output } = await job;
        assert.equal(status, 0, output);
        assert.match(output, /GET \/_cluster\/health\S*: status 401: .*; trying again$/m);
    });
});

async function knows({ node, realm }: ElasticWorld, password: string): Promise<void> {
    const user = realm.users.find(({ username }) => username === "grafana");
    assert.ok(user);
    await eventually("the node knows the password", 30, async () => {
        const reply = await node.call({ ...user, password }, "GET", "/_security/_authenticate");
        return reply.status === 200 ? true : undefined;
    });
}
