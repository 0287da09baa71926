import { elasticWorld, ElasticWorld, userOf } from "./world";
describe("x", () => {
    let world: ElasticWorld;
    before(async function () { world = await elasticWorld(this); console.log(world.startedIn); });
    it("y", async () => {
        for (const u of world.realm.users) {
            const r = await world.node.call(u, "GET", "/_security/_authenticate");
            console.log(u.username, r.status, r.text.slice(0, 200));
        }
        console.log((await world.node.call(userOf(world, "grafana"), "PUT", "/_ilm/policy/x", {policy:{}})).text);
        console.log((await world.node.call({username:"elastic",password:"password-of-elastic"}, "GET", "/_cat/plugins?v")).text);
        console.log((await world.node.call({username:"elastic",password:"password-of-elastic"}, "GET", "/_license")).text);
        console.log((await world.node.call({username:"elastic",password:"password-of-elastic"}, "GET", "/")).text);
        console.log((await world.node.call({username:"elastic",password:"password-of-elastic"}, "PUT", "/q", {settings:{index:{codec:"best_compression", number_of_replicas:0}}})).text);
        console.log((await world.node.call({username:"elastic",password:"password-of-elastic"}, "POST", "/q/_doc?refresh=true", {a:1})).text);
        console.log(world.node.log.slice(-3000));
    });
});
