import { ENVIRONMENT, RecordCase, TEAM } from "../alertCase";
import { from, Phase, Series, series, Value } from "../timeline";

type Labels = Readonly<Record<string, string>>;
type SetupType = "standalone" | "replication" | "sentinel" | "cluster";

/** Labels of what is recorded for a workload; its instance is the app up to a dash. */
function workload(
    app: string,
    type: SetupType,
    { namespace = "shop", environment = ENVIRONMENT } = {},
): Labels {
    return { ...instance(app, { namespace, environment }), app, redis_setup_type: type };
}

/** Labels of what is recorded for an instance. */
function instance(app: string, { namespace = "shop", environment = ENVIRONMENT } = {}): Labels {
    return { namespace, environment, team: TEAM, instance_name: app.split("-")[0] ?? app };
}

/** Labels of a pod's own series; a pod that has a new address has two of each for a while. */
function pod(
    app: string,
    index: number,
    type: SetupType,
    { namespace = "shop", address = "10.0.0.1" } = {},
): Labels {
    return {
        namespace,
        app,
        pod: `${app}-${index}`,
        redis_setup_type: type,
        instance: `${address}:9121`,
    };
}

const ELSEWHERE = { environment: "qa" };
const OTHER = { namespace: "other" };

const info = (labels: Labels): Series => series("redis:workload:info", labels, 1);
const answering = (labels: Labels, over: Value | readonly Phase[] = 1): Series =>
    series("redis:pods_answering:count", labels, over);
const silent = (labels: Labels, over: Value | readonly Phase[] = 1): Series =>
    series("redis:pods_silent:count", labels, over);
const declared = (labels: Labels, pods: number): Series =>
    series("redis:declared_pods", labels, pods);

/** Whether clients can read and write: each instance in a state of its own. */
const availability: RecordCase = {
    record: "redis:instance_available:bool",
    title: "is 1 where somebody serves, 0 where nobody does, and nothing where nobody knows",
    series: [
        answering(workload("single", "standalone")),
        // A standalone one has no master that is counted.
        answering(workload("led", "replication"), 3),
        series("redis:masters:count", workload("led", "replication"), 1),
        answering(workload("leaderless", "replication"), 2),
        // Masters of another workload, namespace and stack are not its own.
        series("redis:masters:count", workload("leaderless", "replication", OTHER), 1),
        series("redis:masters:count", workload("leaderless", "replication", ELSEWHERE), 1),
        answering(workload("led", "replication", OTHER), 2),
        answering(workload("shards-leader", "cluster"), 3),
        series("redis:cluster_state:avg", instance("shards"), 1),
        series("redis:cluster_slots_missing:count", instance("shards"), 0),
        answering(workload("half-leader", "cluster"), 3),
        series("redis:cluster_state:avg", instance("half"), 0.5),
        answering(workload("split-leader", "cluster"), 3),
        series("redis:cluster_state:avg", instance("split"), 0.45),
        answering(workload("slot-leader", "cluster"), 3),
        series("redis:cluster_slots_missing:count", instance("slot"), 1),
        series("redis:instance_down:bool", instance("dead"), 1),
        // The Sentinels alone answer, and nobody knows of the data.
        answering(workload("watched-sentinel", "sentinel"), 3),
        // What another stack says of the same names.
        series("redis:cluster_state:avg", instance("single", ELSEWHERE), 0),
        series("redis:cluster_slots_missing:count", instance("shards", ELSEWHERE), 5),
        series("redis:cluster_state:avg", instance("shards", OTHER), 0),
        series("redis:cluster_slots_missing:count", instance("single", OTHER), 5),
        series("redis:instance_down:bool", instance("foreign", ELSEWHERE), 1),
        answering(workload("foreign", "standalone", ELSEWHERE)),
    ],
    at: "1m",
    samples: [
        ...["single", "led", "shards", "half"].map((app) => ({ app, namespace: "shop", value: 1 })),
        ...["leaderless", "split", "slot", "dead"].map((app) => ({
            app,
            namespace: "shop",
            value: 0,
        })),
        ...["led", "shards", "single"].map((app) => ({ app, namespace: "other", value: 0 })),
    ].map(({ app, namespace, value }) => ({
        labels: { ...instance(app, { namespace }), app },
        value,
    })),
};

interface PodState {
    readonly role?: "master" | "slave";
    readonly link?: 0 | 1;
    readonly slaves?: number;
}

/** What the pods of a workload show of their replication. */
function replicationPods(
    app: string,
    pods: readonly PodState[],
    type: SetupType = "replication",
    where: { readonly namespace?: string; readonly address?: string } = {},
): Series[] {
    return pods.flatMap(({ role, link, slaves }, index) => {
        const labels = pod(app, index, type, where);
        return [
            ...(role === undefined ? [] : [series("redis_instance_info", { ...labels, role }, 1)]),
            ...(link === undefined
                ? []
                : [series("redis_master_link_up", { ...labels, master_host: "10.1.1.1" }, link)]),
            ...(slaves === undefined ? [] : [series("redis_connected_slaves", labels, slaves)]),
        ];
    });
}

/** A replication with so many pods declared, and so many that answer. */
function replication(app: string, pods: number, answer: number, of = {}): Series[] {
    const labels = workload(app, "replication", of);
    return [info(labels), declared(labels, pods), answering(labels, answer)];
}

const MASTER: PodState = { role: "master", slaves: 2 };
const REPLICA: PodState = { role: "slave", link: 1, slaves: 0 };
const LOST: PodState = { role: "slave", link: 0, slaves: 0 };
/** A replica that another one follows. */
const MIDDLE: PodState = { role: "slave", link: 1, slaves: 1 };

const masters: RecordCase = {
    record: "redis:masters:count",
    title: "is the pods that call themselves master, or the replicas linked to one that is not seen",
    series: [
        ...replication("whole", 3, 3),
        ...replicationPods("whole", [MASTER, REPLICA, REPLICA]),
        // Pods with a new address have two series of each.
        ...replicationPods("whole", [MASTER, REPLICA, REPLICA], "replication", {
            address: "10.0.0.2",
        }),
        ...replication("two", 3, 3),
        ...replicationPods("two", [MASTER, MASTER, REPLICA]),
        ...replication("unseen", 3, 2),
        ...replicationPods("unseen", [REPLICA, REPLICA]),
        ...replicationPods("unseen", [REPLICA, REPLICA], "replication", { address: "10.0.0.2" }),
        // All are seen, and none is a master.
        ...replication("ring", 3, 3),
        ...replicationPods("ring", [REPLICA, REPLICA, REPLICA]),
        ...replication("chain", 3, 2),
        ...replicationPods("chain", [MIDDLE, REPLICA]),
        ...replication("chained", 3, 2),
        ...replicationPods("chained", [MIDDLE, { ...LOST, slaves: 0 }]),
        ...replicationPods("chained", [MIDDLE], "replication", { address: "10.0.0.2" }),
        ...replication("lost", 3, 2),
        ...replicationPods("lost", [LOST, LOST]),
        // Half linked: the one that is counts.
        ...replication("half", 3, 2),
        ...replicationPods("half", [LOST, REPLICA]),
        // The same names in another namespace, and another stack's.
        ...replication("lost", 3, 2, OTHER),
        ...replicationPods("lost", [REPLICA, LOST], "replication", OTHER),
        ...replication("chained", 3, 2, OTHER),
        ...replicationPods("chained", [REPLICA, REPLICA], "replication", OTHER),
        ...replication("ring", 5, 2, OTHER),
        ...replicationPods("ring", [LOST], "replication", OTHER),
        ...replication("foreign", 3, 3, ELSEWHERE),
        ...replicationPods("foreign", [MASTER]),
        // What another stack says of the same workload's pods is not ours.
        declared(workload("ring", "replication", ELSEWHERE), 5),
        answering(workload("ring", "replication", ELSEWHERE), 1),
        // Nodes of a cluster have roles and links of their own.
        info(workload("shards-leader", "cluster")),
        declared(workload("shards-leader", "cluster"), 3),
        answering(workload("shards-leader", "cluster"), 2),
        ...replicationPods("shards-leader", [MASTER, REPLICA, MIDDLE], "cluster"),
    ],
    at: "1m",
    samples: [
        { labels: workload("whole", "replication"), value: 1 },
        { labels: workload("two", "replication"), value: 2 },
        { labels: workload("unseen", "replication"), value: 2 },
        { labels: workload("chain", "replication"), value: 2 },
        { labels: workload("half", "replication"), value: 1 },
        { labels: workload("lost", "replication", OTHER), value: 1 },
        { labels: workload("chained", "replication", OTHER), value: 2 },
    ],
};

const SCRAPING = (environment: string, over: Value | readonly Phase[] = 40): Series =>
    series("prometheus:scraping:count", { environment }, over);

/** At 20 minutes, after the first start of all but the newest. */
const down: RecordCase = {
    record: "redis:instance_down:bool",
    title: "is what has answered, or has had the time to start, and of which nothing is seen",
    series: [
        SCRAPING(ENVIRONMENT),
        info(workload("here", "standalone")),
        answering(workload("here", "standalone")),
        info(workload("quiet", "standalone")),
        silent(workload("quiet", "standalone")),
        info(workload("gone", "standalone")),
        answering(workload("gone", "standalone"), from("10m", "gone")),
        info(workload("never", "standalone")),
        series("redis:workload:info", workload("new", "standalone"), from("10m", 1, "gone")),
        series("redis:workload:info", workload("reached", "standalone"), from("10m", 1, "gone")),
        answering(workload("reached", "standalone"), [
            ["11m", "gone"],
            ["1m", 1],
            ["1h", "gone"],
        ]),
        // One of two workloads is enough.
        info(workload("shards-leader", "cluster")),
        info(workload("shards-follower", "cluster")),
        answering(workload("shards-follower", "cluster")),
        // Its Sentinels hold no data.
        info(workload("watched", "replication")),
        info(workload("watched-sentinel", "sentinel")),
        answering(workload("watched-sentinel", "sentinel")),
        silent(workload("watched-sentinel", "sentinel")),
        info(workload("alone-sentinel", "sentinel")),
        // The same names elsewhere.
        info(workload("here", "standalone", OTHER)),
        info(workload("quiet", "standalone", OTHER)),
        answering(workload("never", "standalone", ELSEWHERE)),
        silent(workload("gone", "standalone", ELSEWHERE)),
        info(workload("foreign", "standalone", ELSEWHERE)),
        series("redis:workload:info", workload("new", "standalone", ELSEWHERE), 1),
        answering(workload("new", "standalone", ELSEWHERE), from("10m", "gone")),
        series("redis:workload:info", workload("new", "standalone", OTHER), from("10m", 1, "gone")),
        SCRAPING("qa"),
    ],
    at: "20m",
    samples: [
        ...["gone", "never", "reached", "watched"].map((app) => instance(app)),
        ...["here", "quiet"].map((app) => instance(app, OTHER)),
    ].map((labels) => ({ labels, value: 1 })),
};

const unobserved: RecordCase = {
    record: "redis:instance_down:bool",
    title: "is nothing while Prometheus has only begun to look",
    series: [info(workload("never", "standalone")), SCRAPING("qa")],
    at: "20m",
    samples: [],
};

/** What Kubernetes says of a pod. */
const ready = (name: string, condition: string, value: number, instanceLabel = "1"): Series =>
    series(
        "kube_pod_status_ready",
        { namespace: "shop", pod: name, condition, instance: instanceLabel },
        value,
    );

const pods: readonly RecordCase[] = [
    {
        record: "redis:pods_silent:count",
        title: "counts each pod whose exporter is silent and whom Kubernetes does not call unready",
        series: [
            info(workload("mixed", "replication")),
            series("up", pod("mixed", 0, "replication"), 0),
            series("up", pod("mixed", 1, "replication"), 0),
            series("up", pod("mixed", 2, "replication"), 1),
            // With an old address that is still remembered as away, and one that answers.
            series("up", pod("mixed", 2, "replication", { address: "10.0.0.2" }), 0),
            series("up", pod("mixed", 3, "replication"), 0),
            series("up", pod("mixed", 3, "replication", { address: "10.0.0.2" }), 0),
            ready("mixed-0", "true", 0),
            ready("mixed-0", "false", 1),
            ready("mixed-1", "true", 1),
            ready("mixed-1", "false", 0),
            ready("mixed-3", "true", 1),
            ready("mixed-3", "true", 0, "2"),
            info(workload("well", "standalone")),
            series("up", pod("well", 0, "standalone"), 1),
            // A pod of the same name elsewhere is unready, this one is not.
            info(workload("mixed", "replication", OTHER)),
            series("up", pod("mixed", 0, "replication", OTHER), 0),
            info(workload("foreign", "standalone", ELSEWHERE)),
            series("up", pod("foreign", 0, "standalone"), 0),
            // The operator's own target has the namespace, and no Redis.
            series("up", { namespace: "shop", app: "well", pod: "web-0", instance: "1" }, 0),
        ],
        at: "1m",
        samples: [
            { labels: workload("mixed", "replication"), value: 2 },
            { labels: workload("mixed", "replication", OTHER), value: 1 },
        ],
    },
    {
        record: "redis:pods_answering:count",
        title: "counts each pod whose Redis answers, whatever addresses it has had",
        series: [
            info(workload("mixed", "replication")),
            series("redis_up", pod("mixed", 0, "replication"), 1),
            series("redis_up", pod("mixed", 0, "replication", { address: "10.0.0.2" }), 1),
            series("redis_up", pod("mixed", 1, "replication"), 1),
            series("redis_up", pod("mixed", 1, "replication", { address: "10.0.0.2" }), 0),
            series("redis_up", pod("mixed", 2, "replication"), 0),
            info(workload("none", "standalone")),
            series("redis_up", pod("none", 0, "standalone"), 0),
            info(workload("mixed", "replication", OTHER)),
            series("redis_up", pod("mixed", 0, "replication", OTHER), 1),
            info(workload("foreign", "standalone", ELSEWHERE)),
            series("redis_up", pod("foreign", 0, "standalone"), 1),
            series("redis_up", { namespace: "shop", app: "none", pod: "web-0", instance: "1" }, 1),
        ],
        at: "1m",
        samples: [
            { labels: workload("mixed", "replication"), value: 2 },
            { labels: workload("mixed", "replication", OTHER), value: 1 },
        ],
    },
];

/** The nodes of a cluster, each with what it says. */
function nodes(metric: string, app: string, values: readonly number[], of = {}): Series[] {
    return [
        info(workload(app, "cluster", of)),
        ...values.map((value, index) => series(metric, pod(app, index, "cluster", of), value)),
    ];
}

const clusters: readonly RecordCase[] = [
    {
        record: "redis:cluster_state:avg",
        title: "is the share of nodes that call the cluster ok",
        series: [
            ...nodes("redis_cluster_state", "shards-leader", [1, 1, 0]),
            ...nodes("redis_cluster_state", "shards-follower", [1]),
            // A node with two addresses is one node.
            series(
                "redis_cluster_state",
                pod("shards-leader", 2, "cluster", { address: "10.0.0.2" }),
                0,
            ),
            series(
                "redis_cluster_state",
                pod("shards-leader", 1, "cluster", { address: "10.0.0.2" }),
                0,
            ),
            ...nodes("redis_cluster_state", "shards-leader", [0], OTHER),
            series("redis_cluster_state", pod("single", 0, "standalone"), 0),
            info(workload("single", "standalone")),
            info(workload("foreign-leader", "cluster", ELSEWHERE)),
            series("redis_cluster_state", pod("foreign-leader", 0, "cluster"), 1),
        ],
        at: "1m",
        samples: [
            { labels: instance("shards"), value: 0.75 },
            { labels: instance("shards", OTHER), value: 0 },
        ],
    },
    {
        record: "redis:cluster_slots_missing:count",
        title: "is what no node sees served",
        series: [
            ...nodes("redis_cluster_slots_ok", "shards-leader", [16000, 16380]),
            ...nodes("redis_cluster_slots_ok", "shards-follower", [100]),
            series(
                "redis_cluster_slots_ok",
                pod("shards-leader", 1, "cluster", { address: "10.0.0.2" }),
                16000,
            ),
            ...nodes("redis_cluster_slots_ok", "shards-leader", [16384], OTHER),
            series("redis_cluster_slots_ok", pod("single", 0, "standalone"), 0),
            info(workload("single", "standalone")),
            info(workload("foreign-leader", "cluster", ELSEWHERE)),
            series("redis_cluster_slots_ok", pod("foreign-leader", 0, "cluster"), 16384),
        ],
        at: "1m",
        samples: [
            { labels: instance("shards"), value: 4 },
            { labels: instance("shards", OTHER), value: 0 },
        ],
    },
];

const node = (name: string, condition: string, status: string, value: number): Series =>
    series("kube_node_status_condition", { node: name, condition, status, instance: "1" }, value);
const cordoned = (name: string, value: number): Series =>
    series("kube_node_spec_unschedulable", { node: name, instance: "1" }, value);
const runsOn = (name: string, app: string, index = 0, namespace = "shop"): Series =>
    series(
        "kube_pod_info",
        { namespace, pod: `${app}-${index}`, node: name, instance: "1", pod_ip: "10.0.0.1" },
        1,
    );

const places: readonly RecordCase[] = [
    {
        record: "redis:instance_on_lost_node:bool",
        title: "is what has a pod on a node that is not ready, and that nobody drains",
        series: [
            node("lost", "Ready", "true", 0),
            node("lost", "Ready", "false", 1),
            cordoned("lost", 0),
            node("well", "Ready", "true", 1),
            node("well", "Ready", "false", 0),
            node("well", "MemoryPressure", "true", 0),
            cordoned("well", 0),
            node("drained", "Ready", "true", 0),
            cordoned("drained", 1),
            info(workload("away", "standalone")),
            runsOn("lost", "away"),
            info(workload("near", "replication")),
            runsOn("well", "near"),
            runsOn("drained", "near", 1),
            info(workload("shards-leader", "cluster")),
            info(workload("shards-follower", "cluster")),
            runsOn("well", "shards-leader"),
            runsOn("lost", "shards-follower", 12),
            // The same name elsewhere, another stack's, and what is no StatefulSet.
            info(workload("near", "replication", OTHER)),
            runsOn("lost", "near", 0, "other"),
            info(workload("away", "standalone", OTHER)),
            info(workload("foreign", "standalone", ELSEWHERE)),
            runsOn("lost", "foreign"),
            info(workload("web", "standalone")),
            series(
                "kube_pod_info",
                { namespace: "shop", pod: "web-6d4cf-x2x", node: "lost", instance: "1" },
                1,
            ),
        ],
        at: "1m",
        samples: [
            { labels: instance("away"), value: 1 },
            { labels: instance("shards"), value: 1 },
            { labels: instance("near", OTHER), value: 1 },
        ],
    },
    {
        record: "redis:namespace_down:count",
        title: "is a namespace of two or more that are all down",
        series: [
            ...["first", "second"].flatMap((app) => [
                info(workload(app, "standalone")),
                series("redis:instance_down:bool", instance(app), 1),
            ]),
            // Its Sentinels alone make no instance with data.
            info(workload("third-sentinel", "sentinel")),
            info(workload("first", "standalone", OTHER)),
            info(workload("second", "standalone", OTHER)),
            series("redis:instance_down:bool", instance("first", OTHER), 1),
            info(workload("only", "standalone", { namespace: "lonely" })),
            series("redis:instance_down:bool", instance("only", { namespace: "lonely" }), 1),
            ...["first", "second", "third"].flatMap((app) => [
                info(workload(app, "cluster", { namespace: "three" })),
                info(workload(`${app}-follower`, "cluster", { namespace: "three" })),
                series("redis:instance_down:bool", instance(app, { namespace: "three" }), 1),
            ]),
            // Another stack's.
            info(workload("tenth", "standalone", ELSEWHERE)),
            ...["first", "second"].flatMap((app) => [
                info(workload(app, "standalone", { namespace: "qa", ...ELSEWHERE })),
                series(
                    "redis:instance_down:bool",
                    instance(app, { namespace: "qa", ...ELSEWHERE }),
                    1,
                ),
            ]),
        ],
        at: "1m",
        samples: [
            {
                labels: { namespace: "shop", environment: ENVIRONMENT, team: TEAM },
                value: 2,
            },
            {
                labels: { namespace: "three", environment: ENVIRONMENT, team: TEAM },
                value: 3,
            },
        ],
    },
];

const dbKeys = (labels: Labels, db: number, over: number): Series =>
    series("redis_db_keys", { ...labels, db: `db${db}` }, over);
const role = (labels: Labels, is: "master" | "slave"): Series =>
    series("redis_instance_info", { ...labels, role: is }, 1);
const loading = (labels: Labels, over: 0 | 1): Series =>
    series("redis_loading_dump_file", labels, over);
/** Labels of what is recorded for a pod. */
const ofPod = (app: string, index: number): Labels => ({
    ...instance(app),
    app,
    pod: `${app}-${index}`,
});

const keys: RecordCase = {
    record: "redis:keys:count",
    title: "is the keys of the fullest pod that does not load, and of each master of a cluster",
    series: [
        info(workload("cache", "standalone")),
        dbKeys(pod("cache", 0, "standalone"), 0, 5),
        dbKeys(pod("cache", 0, "standalone"), 1, 7),
        // It has a new address.
        dbKeys(pod("cache", 0, "standalone", { address: "10.0.0.2" }), 0, 3),
        dbKeys(pod("cache", 0, "standalone", { address: "10.0.0.2" }), 1, 4),
        info(workload("orders", "replication")),
        dbKeys(pod("orders", 0, "replication"), 0, 10),
        role(pod("orders", 0, "replication"), "master"),
        loading(pod("orders", 0, "replication"), 0),
        dbKeys(pod("orders", 1, "replication"), 0, 8),
        dbKeys(pod("orders", 2, "replication"), 0, 99),
        loading(pod("orders", 2, "replication"), 1),
        info(workload("carts-leader", "cluster")),
        info(workload("carts-follower", "cluster")),
        ...[20, 30, 40].flatMap((count, i) => [
            dbKeys(pod("carts-leader", i, "cluster"), 0, count),
            role(pod("carts-leader", i, "cluster"), "master"),
            loading(pod("carts-leader", i, "cluster"), i === 2 ? 1 : 0),
        ]),
        dbKeys(pod("carts-leader", 1, "cluster", { address: "10.0.0.2" }), 0, 25),
        dbKeys(pod("carts-follower", 0, "cluster"), 0, 20),
        role(pod("carts-follower", 0, "cluster"), "slave"),
        info(workload("carts-sentinel", "sentinel")),
        dbKeys(pod("carts-sentinel", 0, "sentinel"), 0, 1000),
        // Pods of these names in another namespace, which nobody has declared.
        dbKeys(pod("cache", 0, "standalone", OTHER), 0, 500),
        loading(pod("orders", 0, "replication", OTHER), 1),
        loading(pod("carts-leader", 0, "cluster", OTHER), 1),
        dbKeys(pod("carts-leader", 0, "cluster", OTHER), 0, 500),
        role(pod("carts-leader", 0, "cluster", OTHER), "master"),
        dbKeys(pod("carts-leader", 3, "cluster", OTHER), 0, 500),
        role(pod("carts-leader", 3, "cluster", OTHER), "master"),
        role(pod("carts-follower", 0, "cluster", OTHER), "master"),
        // Another stack's.
        info(workload("foreign", "standalone", ELSEWHERE)),
        dbKeys(pod("foreign", 0, "standalone"), 0, 6),
        info(workload("strange", "cluster", ELSEWHERE)),
        dbKeys(pod("strange", 0, "cluster"), 0, 6),
        role(pod("strange", 0, "cluster"), "master"),
    ],
    at: "1m",
    samples: [
        { labels: { ...instance("cache"), app: "cache" }, value: 12 },
        { labels: { ...instance("orders"), app: "orders" }, value: 10 },
        { labels: ofPod("carts-leader", 0), value: 20 },
        { labels: ofPod("carts-leader", 1), value: 30 },
    ],
};

const mainThread = (mode: "sys" | "user", labels: Labels, over: Value | readonly Phase[]): Series =>
    series(`redis_cpu_${mode}_main_thread_seconds_total`, labels, over);

const mainThreads: RecordCase = {
    record: "redis:main_thread_cpu:rate5m",
    title: "is the cores of both kinds, over five minutes, and at both addresses of a pod",
    series: [
        info(workload("cache", "standalone")),
        mainThread("sys", pod("cache", 0, "standalone"), { from: 100, perMinute: 6 }),
        mainThread("user", pod("cache", 0, "standalone"), { from: 100, perMinute: 12 }),
        mainThread("user", pod("cache", 0, "standalone", { address: "10.0.0.2" }), {
            from: 100,
            perMinute: 3,
        }),
        mainThread("sys", pod("cache", 0, "standalone", { address: "10.0.0.2" }), {
            from: 100,
            perMinute: 9,
        }),
        // It has begun two minutes ago.
        info(workload("orders", "replication")),
        ...(["sys", "user"] as const).map((mode) =>
            mainThread(mode, pod("orders", 0, "replication"), [
                ["8m", 0],
                ["10m", { from: 0, perMinute: 60 }],
            ]),
        ),
        // Of another namespace and of another stack.
        mainThread("sys", pod("cache", 0, "standalone", OTHER), 0),
        mainThread("user", pod("cache", 0, "standalone", OTHER), 0),
        info(workload("foreign", "standalone", ELSEWHERE)),
        mainThread("sys", pod("foreign", 0, "standalone"), 0),
        mainThread("user", pod("foreign", 0, "standalone"), 0),
    ],
    at: "10m",
    samples: [
        { labels: ofPod("cache", 0), value: 0.5 },
        { labels: ofPod("orders", 0), value: 0.8 },
    ],
};

const bytesOf = (metric: string, app: string, index: number, value: number, at = {}): Series =>
    series(metric, pod(app, index, "replication", at), value);
/** Bytes of a namespace: each pod once, of the stack's own instances. */
const memory = (["used", "max"] as const).map((each): RecordCase => {
    const metric = `redis_memory_${each}_bytes`;
    return {
        record: `namespace:${metric}:sum`,
        title: "is of a stack's own instances by namespace, each pod once",
        series: [
            info(workload("cache", "replication")),
            bytesOf(metric, "cache", 0, 100),
            bytesOf(metric, "cache", 1, 20),
            // Pods with a new address have two series of each.
            bytesOf(metric, "cache", 1, 20, { address: "10.0.0.2" }),
            info(workload("queue", "replication")),
            bytesOf(metric, "queue", 0, 3),
            info(workload("cache", "replication", OTHER)),
            bytesOf(metric, "cache", 0, 7, OTHER),
            info(workload("foreign", "replication", ELSEWHERE)),
            bytesOf(metric, "foreign", 0, 1000),
        ],
        at: "1m",
        samples: [
            { labels: { namespace: "shop", environment: ENVIRONMENT }, value: 123 },
            { labels: { namespace: "other", environment: ENVIRONMENT }, value: 7 },
        ],
    };
});

/** What is recorded of each instance, which every alert and objective reads. */
export const redisStateCases: readonly RecordCase[] = [
    ...memory,
    availability,
    masters,
    down,
    unobserved,
    ...pods,
    ...clusters,
    ...places,
    keys,
    mainThreads,
];
