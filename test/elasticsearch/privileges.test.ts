import assert from "node:assert/strict";

import { Role, ROLES } from "../../components/logging/elasticsearchRoles";
import { eventually } from "../../lab/tools/commands";
import type { RealmUser } from "../support/elasticNode/fileRealm";
import { bulk, refusedAction } from "./calls";
import { asElastic, ElasticWorld, elasticWorld, setUp } from "./world";

interface Needed {
    /** The action that is refused. */
    readonly action: string;
    readonly method: string;
    readonly path: string;
    readonly body?: object | string;
}

const get = (path: string, action: string): Needed => ({ method: "GET", path, action });
const put = (path: string, action: string, body?: object): Needed => ({
    ...{ method: "PUT", path, action },
    ...(body ? { body } : {}),
});
const post = (path: string, action: string, body?: object | string): Needed => ({
    ...{ method: "POST", path, action },
    ...(body ? { body } : {}),
});
const remove = (path: string, action: string): Needed => ({ method: "DELETE", path, action });

const LOGS = "redis-logs-operator,redis-logs-instance,container-logs,kubernetes-events";
const TEMPLATE = { index_patterns: ["privileges-*"], template: {} };
const DOCUMENT = { "@timestamp": "2026-11-28T12:00:00Z", msg: "a line" };

/** For every privilege of every role a call of its user that Elasticsearch refuses without it. */
const NEEDED: Readonly<Record<keyof typeof ROLES, Readonly<Record<string, Needed>>>> = {
    log_writer: {
        [`${LOGS}: create_doc`]: post(
            "/_bulk",
            "indices:data/write/bulk",
            bulk("create", "redis-logs-instance", DOCUMENT),
        ),
    },
    jaeger: {
        "cluster: monitor": get("/", "cluster:monitor/main"),
        "cluster: manage_index_templates": put(
            "/_index_template/jaeger-tried",
            "indices:admin/index_template/put",
            TEMPLATE,
        ),
        "jaeger-*: create_index": post(
            "/_bulk",
            "indices:admin/auto_create",
            bulk("index", "jaeger-span-2001-01-01", DOCUMENT),
        ),
        "jaeger-*: index": post(
            "/_bulk",
            "indices:data/write/bulk",
            bulk("index", "jaeger-span-2001-01-02", DOCUMENT),
        ),
        "jaeger-*: read": post("/jaeger-span-*/_search", "indices:data/read/search", {}),
        "jaeger-*: view_index_metadata": get("/jaeger-span-2001-01-02", "indices:admin/get"),
        "jaeger-*: delete_index": remove("/jaeger-span-2001-01-02", "indices:admin/delete"),
    },
    metrics_exporter: {
        "cluster: monitor": get("/_nodes/stats", "cluster:monitor/nodes/stats"),
        "cluster: monitor_snapshot": get("/_snapshot", "cluster:admin/repository/get"),
        "cluster: read_slm": get("/_slm/status", "cluster:admin/slm/status"),
        "cluster: cluster:admin/slm/stats": get("/_slm/stats", "cluster:admin/slm/stats"),
        "*: monitor": get("/redis-logs-instance/_stats", "indices:monitor/stats"),
        "*: view_index_metadata": get(
            "/redis-logs-instance/_ilm/explain",
            "indices:admin/ilm/explain",
        ),
    },
    log_reader: {
        [`${LOGS},jaeger-*: read`]: post(
            "/redis-logs-instance/_search",
            "indices:data/read/search",
            {},
        ),
        [`${LOGS},jaeger-*: read_failure_store`]: post(
            "/redis-logs-instance::failures/_search",
            "indices:data/read/search",
            {},
        ),
        [`${LOGS},jaeger-*: view_index_metadata`]: get(
            "/redis-logs-instance/_mapping",
            "indices:admin/mappings/get",
        ),
    },
    kibana_viewer: {},
    stack_setup: {
        "cluster: monitor": get("/_cluster/health", "cluster:monitor/health"),
        "cluster: manage_ilm": put("/_ilm/policy/tried", "cluster:admin/ilm/put", { policy: {} }),
        "cluster: manage_slm": put("/_slm/policy/tried", "cluster:admin/slm/put", {}),
        "cluster: manage_index_templates": put(
            "/_component_template/tried",
            "cluster:admin/component_template/put",
            { template: {} },
        ),
        "cluster: create_snapshot": put(
            "/_snapshot/observability/tried?wait_for_completion=true",
            "cluster:admin/snapshot/create",
            { indices: "redis-logs-instance", include_global_state: false },
        ),
        "cluster: cluster:admin/repository/put": put(
            "/_snapshot/tried?verify=false",
            "cluster:admin/repository/put",
            { type: "fs", settings: { location: "tried" } },
        ),
        "cluster: cluster:admin/repository/verify": post(
            "/_snapshot/observability/_verify",
            "cluster:admin/repository/verify",
        ),
        [`${LOGS}: manage`]: post("/redis-logs-instance/_rollover", "indices:admin/rollover"),
    },
    restore_drill: {
        "cluster: monitor": get("/_cluster/health", "cluster:monitor/health"),
        "cluster: monitor_snapshot": get(
            "/_snapshot/observability/*",
            "cluster:admin/snapshot/get",
        ),
        "cluster: cluster:admin/snapshot/restore": post(
            "/_snapshot/observability/prepared/_restore?wait_for_completion=true",
            "cluster:admin/snapshot/restore",
            {
                indices: "prepared",
                rename_pattern: ".+",
                rename_replacement: "restore-drill-again",
            },
        ),
        "restore-drill-*: monitor": get(
            "/restore-drill-tried/_recovery",
            "indices:monitor/recovery",
        ),
        "restore-drill-*: read": get("/restore-drill-tried/_count", "indices:data/read/search"),
        "restore-drill-*: delete_index": remove("/restore-drill-tried", "indices:admin/delete"),
        [`${LOGS}: read`]: get("/redis-logs-instance/_count", "indices:data/read/search"),
    },
};
/** Only Kibana asks for it, and Kibana is in no registry. */
const UNTRIED = [
    "kibana_viewer kibana-.kibana: space_read",
    "stack_setup kibana-.kibana: space_all",
];

const PASSWORD = "password-of-all-who-lack-something";

interface Reduced {
    readonly user: RealmUser;
    readonly name: string;
    readonly role: Role;
    readonly lacks: string;
    readonly of: keyof typeof ROLES;
}

describe("Elasticsearch: every privilege of a role is needed", function () {
    this.timeout(120_000);
    let world: ElasticWorld;
    const reduced = Object.entries(ROLES).flatMap(([name, role]) =>
        reducedRoles(name as keyof typeof ROLES, role),
    );
    const whole = Object.keys(ROLES).map((role) => user(`${role}-whole`, role));

    before(async function () {
        world = await elasticWorld(this);
        await setUp(world);
        await asElastic(world, "PUT", "/jaeger-span-2001-01-02");
        await asElastic(world, "PUT", "/restore-drill-tried");
        const prepared = "/_snapshot/observability/prepared?wait_for_completion=true";
        await asElastic(world, "PUT", "/prepared");
        await asElastic(world, "PUT", prepared, { indices: "prepared" });
        world.node.setRealm({
            users: [...world.realm.users, ...reduced.map((each) => each.user), ...whole],
            roles: {
                ...world.realm.roles,
                ...Object.fromEntries(reduced.map(({ name, role }) => [name, role])),
            },
        });
        await eventually("the node knows the users", 30, async () => {
            const last = whole.at(-1) as RealmUser;
            const { status } = await world.node.call(last, "GET", "/_security/_authenticate");
            return status === 200 ? true : undefined;
        });
        await eventually("the node knows the roles", 30, async () => {
            const last = reduced.at(-1) as Reduced;
            const { text } = await world.node.call(last.user, "GET", "/_security/user/_privileges");
            const { indices } = JSON.parse(text) as { indices?: unknown[] };
            return indices && indices.length > 0 ? true : undefined;
        });
    });
    after(async () => {
        if (world) {
            world.node.setRealm(world.realm);
            await asElastic(
                world,
                "DELETE",
                "/prepared,restore-drill-again,jaeger-span-2001-01-01",
            );
        }
    });

    it("has a call for each privilege, and no other", () => {
        const tried = Object.entries(NEEDED).flatMap(([role, calls]) =>
            Object.keys(calls).map((lacks) => `${role} ${lacks}`),
        );
        const given = reduced.map(({ of, lacks }) => `${of} ${lacks}`);
        assert.deepEqual([...tried, ...UNTRIED].sort(), given.sort());
    });

    for (const { user: without, of, lacks } of reduced) {
        const needed = NEEDED[of][lacks];
        if (needed === undefined) {
            continue;
        }
        const { method, path, body, action } = needed;
        it(`${of} without "${lacks}" is refused ${method} ${path}, and with it is not`, async () => {
            const refused = await world.node.call(without, method, path, body);
            assert.equal(refusedAction(refused), action, refused.text);
            const all = whole.find(({ roles }) => roles.includes(of)) as RealmUser;
            const taken = await world.node.call(all, method, path, body);
            assert.equal(refusedAction(taken), undefined, taken.text);
            assert.ok(taken.status < 300, taken.text);
        });
    }
});

function user(username: string, role: string): RealmUser {
    return { username, password: PASSWORD, roles: [role] };
}

/** The role without each of its privileges in turn. */
function reducedRoles(of: keyof typeof ROLES, role: Role): Reduced[] {
    const all: { lacks: string; role: Role }[] = [];
    for (const lost of role.cluster) {
        const cluster = role.cluster.filter((each) => each !== lost);
        all.push({ lacks: `cluster: ${lost}`, role: { ...role, cluster } });
    }
    role.indices.forEach(({ names, privileges }, place) => {
        for (const lost of privileges) {
            const rest = privileges.filter((each) => each !== lost);
            const indices = role.indices.flatMap((each, at) =>
                at !== place ? [each] : rest.length > 0 ? [{ names, privileges: rest }] : [],
            );
            all.push({ lacks: `${names.join(",")}: ${lost}`, role: { ...role, indices } });
        }
    });
    for (const { application, privileges } of role.applications ?? []) {
        for (const lost of privileges) {
            const lacks = `${application}: ${lost}`;
            all.push({ lacks, role: { ...role, applications: [] } });
        }
    }
    return all.map(({ lacks, role: rest }, at) => {
        const name = `${of}-${at}`;
        return { user: user(name, name), name, role: rest, lacks, of };
    });
}
