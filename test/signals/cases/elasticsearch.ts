import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const NAMESPACE = NAMESPACES.logging;
/** The labels of the exporter's target; one exporter speaks for all nodes. */
const EXPORTER = {
    job: "elasticsearch-exporter",
    namespace: NAMESPACE,
    service: "elasticsearch-exporter-prometheus-elasticsearch-exporter",
    pod: "elasticsearch-exporter-0",
    container: "exporter",
    endpoint: "http",
    instance: "10.0.3.1:9108",
    environment: "staging",
};
/** Its labels of a node. */
const NODE = {
    cluster: "elasticsearch",
    name: "elasticsearch-es-default-0",
    host: "10.0.3.2",
    es_master_node: "true",
    es_data_node: "true",
    es_ingest_node: "true",
    es_client_node: "true",
};
const node = `${NAMESPACE}/${NODE.name}`;
const ofNode = { namespace: NAMESPACE, name: NODE.name };
const ofNamespace = { namespace: NAMESPACE };

function metric(name: string, labels: Readonly<Record<string, string>>, over: History): Series {
    return series(`elasticsearch_${name}`, { ...EXPORTER, ...labels }, over);
}

/** The colour that the cluster has, 1 for the one and 0 for the others. */
function health(over: Readonly<Record<"green" | "yellow" | "red", History>>): Series[] {
    return Object.entries(over).map(([color, each]) =>
        metric("cluster_health_status", { cluster: NODE.cluster, color }, each),
    );
}
const becomes = (color: "yellow" | "red", start: string, end = "3h") =>
    health({
        green: between(start, end, 0),
        yellow: color === "yellow" ? between(start, end, 1, 0) : 0,
        red: color === "red" ? between(start, end, 1, 0) : 0,
    });

function disk(available: History, size: Value = 1000, mount = "/data"): Series[] {
    const labels = { ...NODE, mount: `${mount} (/dev/sda1)`, path: `${mount}/elasticsearch` };
    return [
        metric("filesystem_data_available_bytes", labels, available),
        metric("filesystem_data_size_bytes", labels, size),
    ];
}

function memory(area: string, used: History, max: Value = 1000): Series[] {
    return [
        metric("jvm_memory_used_bytes", { ...NODE, area }, used),
        metric("jvm_memory_max_bytes", { ...NODE, area }, max),
    ];
}

function rejected(type: string, over: History): Series {
    return metric("thread_pool_rejected_count", { ...NODE, type }, over);
}

const healthCases = [
    firing("ElasticsearchUnreachable", "its exporter answers without a word of it", {
        series: [
            ...health({
                green: from("5m", "gone"),
                yellow: from("5m", "gone", 0),
                red: from("5m", "gone", 0),
            }),
            series("up", EXPORTER, 1),
        ],
        severity: "critical",
        at: "10m",
        alerts: [
            {
                labels: ofNamespace,
                summary: "Elasticsearch does not answer",
                description:
                    "Nothing has been known of Elasticsearch for 5m: it does not answer its exporter. Logs wait on the nodes, and spans are lost.",
            },
        ],
        until: "30m",
    }),
    firing("ElasticsearchUnreachable", "another Elasticsearch of the cluster is well", {
        series: [
            metric(
                "cluster_health_status",
                { namespace: "shop", cluster: "shop", color: "green" },
                1,
            ),
            series("up", EXPORTER, 1),
        ],
        severity: "critical",
        at: "20m",
        alerts: [
            {
                labels: ofNamespace,
                summary: "Elasticsearch does not answer",
                description:
                    "Nothing has been known of Elasticsearch for 5m: it does not answer its exporter. Logs wait on the nodes, and spans are lost.",
            },
        ],
    }),
    quiet("ElasticsearchUnreachable", "it is back just before 5 minutes are over", {
        series: [
            ...health({ green: between("5m", "10m", "gone"), yellow: 0, red: "gone" }).slice(0, 1),
            series("up", EXPORTER, 1),
        ],
        until: "1h",
    }),
    quiet("ElasticsearchUnreachable", "its exporter is away, which TargetMissing tells", {
        series: [
            ...health({ green: from("5m", "gone"), yellow: "gone", red: "gone" }),
            series("up", EXPORTER, from("5m", 0)),
        ],
        until: "1h",
    }),
    quiet("ElasticsearchUnreachable", "Elasticsearch needs fourteen minutes to start", {
        series: [
            ...health({ green: from("14m", 1, "gone"), yellow: "gone", red: "gone" }),
            series("up", EXPORTER, 1),
        ],
        until: "1h",
    }),
    firing("ElasticsearchRed", "a primary shard is missing", {
        series: becomes("red", "5m"),
        severity: "critical",
        at: "7m",
        alerts: [
            {
                labels: ofNamespace,
                summary: "Elasticsearch is red",
                description:
                    "A primary shard of Elasticsearch has been missing for 2m: part of the data cannot be read, and writes to it fail.",
            },
        ],
        until: "30m",
    }),
    quiet("ElasticsearchRed", "it is yellow", { series: becomes("yellow", "5m"), until: "1h" }),
    quiet("ElasticsearchRed", "it is red for less than 2 minutes, as after a restart", {
        series: becomes("red", "5m", "7m"),
        until: "1h",
    }),
    firing("ElasticsearchYellow", "a copy of a shard is missing", {
        series: becomes("yellow", "5m"),
        severity: "warning",
        at: "20m",
        alerts: [
            {
                labels: ofNamespace,
                summary: "Elasticsearch is yellow",
                description:
                    "A copy of a shard has been missing for 15m: the loss of one more node may be a loss of data.",
            },
        ],
        until: "1h",
    }),
    quiet("ElasticsearchYellow", "a node restarts, and its shards are back within 15 minutes", {
        series: becomes("yellow", "5m", "20m"),
        until: "1h",
    }),
    quiet("ElasticsearchYellow", "it is red, which has an alert of its own", {
        series: becomes("red", "5m"),
        until: "1h",
    }),
];

function diskAlert(
    state: "gets full" | "is nearly full",
    used: string,
    rest: string,
): ExpectedAlert {
    return {
        labels: ofNode,
        summary: `The disk of Elasticsearch ${node} ${state}`,
        description: `${used} of the disk of ${node} is used, ${rest}`,
    };
}

const diskCases = [
    firing("ElasticsearchDiskLow", "one of two disks of a node is fuller than the low watermark", {
        series: [...disk(from("5m", 149, 500)), ...disk(900, 1000, "/other")],
        severity: "warning",
        at: "20m",
        alerts: [
            diskAlert(
                "gets full",
                "85.1%",
                "for 15m more than 85 %: from 85 % on it gets no new shards.",
            ),
        ],
        until: "1h",
    }),
    quiet("ElasticsearchDiskLow", "it is less full than that", {
        series: disk(151),
        until: "1h",
    }),
    quiet("ElasticsearchDiskLow", "old indices are deleted just before 15 minutes are over", {
        series: disk(between("5m", "20m", 100, 500)),
        until: "1h",
    }),
    quiet("ElasticsearchDiskLow", "the size of a disk is not known", {
        series: disk(0, 0),
        until: "1h",
    }),
    firing("ElasticsearchDiskFull", "a disk is fuller than the high watermark", {
        series: disk(from("5m", 99, 500)),
        severity: "critical",
        at: "10m",
        alerts: [
            diskAlert(
                "is nearly full",
                "90.1%",
                "for 5m more than 90 %: from 95 % on every write is refused.",
            ),
        ],
        until: "1h",
    }),
    quiet("ElasticsearchDiskFull", "it is less full than that", { series: disk(101), until: "1h" }),
    quiet("ElasticsearchDiskFull", "there is room again just before 5 minutes are over", {
        series: disk(between("5m", "10m", 50, 500)),
        until: "1h",
    }),
    quiet("ElasticsearchDiskFull", "the size of a disk is not known", {
        series: disk(0, 0),
        until: "1h",
    }),
];

const loadCases = [
    firing("ElasticsearchHeapHigh", "more than 90 % of the heap is used", {
        series: memory("heap", from("5m", 901, 500)),
        severity: "warning",
        at: "20m",
        alerts: [
            {
                labels: ofNode,
                summary: `The heap of Elasticsearch ${node} is nearly full`,
                description: `${node} has used 90.1% of its heap for 15m: it collects garbage all the time, and refuses requests next.`,
            },
        ],
        until: "1h",
    }),
    quiet("ElasticsearchHeapHigh", "exactly 90 % of the heap is used", {
        series: memory("heap", 900),
        until: "1h",
    }),
    quiet("ElasticsearchHeapHigh", "garbage is collected again and again, as it should", {
        series: memory("heap", [
            ["14m", 950],
            ["1m", 400],
            ["14m", 950],
            ["2h", 400],
        ]),
        until: "1h",
    }),
    quiet("ElasticsearchHeapHigh", "another area of memory is full, which has no limit", {
        series: [...memory("non-heap", 999), ...memory("heap", 10, 0)],
        until: "1h",
    }),
    firing("ElasticsearchRejections", "one write after the other is rejected", {
        series: [rejected("write", from("5m", { from: 0, perMinute: 6 }, 0)), rejected("get", 0)],
        severity: "warning",
        at: "630s",
        alerts: [
            {
                labels: { ...ofNode, type: "write" },
                summary: `Elasticsearch ${node} rejects write requests`,
                description: `${node} has rejected 0.10 write requests per second for 5m: it cannot keep up.`,
            },
        ],
        until: "30m",
    }),
    firing("ElasticsearchRejections", "searches are rejected", {
        series: [rejected("search", { from: 0, perMinute: 6 })],
        severity: "warning",
        at: "330s",
        alerts: [
            {
                labels: { ...ofNode, type: "search" },
                summary: `Elasticsearch ${node} rejects search requests`,
                description: `${node} has rejected 0.10 search requests per second for 5m: it cannot keep up.`,
            },
        ],
    }),
    quiet("ElasticsearchRejections", "some were rejected once", {
        series: [rejected("write", from("5m", 900, 100))],
        until: "1h",
    }),
    quiet("ElasticsearchRejections", "a node restarts, and its counter with it", {
        series: [rejected("write", from("5m", 0, 9000))],
        until: "1h",
    }),
    quiet("ElasticsearchRejections", "a pool rejects that neither writes nor searches", {
        series: [rejected("refresh", { from: 0, perMinute: 60 })],
        until: "1h",
    }),
];

function index(name: string, step: string, over: History): Series {
    return metric(
        "ilm_index_status",
        { index: name, phase: "hot", action: "rollover", step },
        over,
    );
}
function mode(running: History): Series[] {
    return [
        metric("ilm_status", { operation_mode: "RUNNING" }, running),
        metric("ilm_status", { operation_mode: "STOPPED" }, 0),
        metric("ilm_status", { operation_mode: "STOPPING" }, 0),
    ];
}
const ilmFailed = (indices: number): ExpectedAlert => ({
    labels: ofNamespace,
    summary: "Elasticsearch does not delete old logs",
    description: `Index lifecycle management has been stopped, or stands in an error at ${indices} indices, for 15m: nothing is rolled over or deleted there, and the disks fill.`,
});

const ilmCases = [
    firing("ElasticsearchIlmFailed", "one index stands in an error", {
        series: [
            ...mode(1),
            index(".ds-redis-logs-000001", "ERROR", from("5m", 1, "gone")),
            index(".ds-redis-logs-000002", "check-rollover-ready", 1),
        ],
        severity: "warning",
        at: "20m",
        alerts: [ilmFailed(1)],
        until: "1h",
    }),
    firing("ElasticsearchIlmFailed", "it is stopped", {
        series: mode(from("5m", 0)),
        severity: "warning",
        at: "20m",
        alerts: [ilmFailed(0)],
        until: "1h",
    }),
    quiet("ElasticsearchIlmFailed", "a step succeeds when it is tried again", {
        series: [...mode(1), index("a", "ERROR", between("5m", "20m", 1, "gone"))],
        until: "1h",
    }),
    quiet("ElasticsearchIlmFailed", "it is stopped for a snapshot, and runs within 15 minutes", {
        series: mode(between("5m", "20m", 0)),
        until: "1h",
    }),
    quiet("ElasticsearchIlmFailed", "every index is on its way", {
        series: [...mode(1), index("a", "complete", 1), index("b", "wait-for-snapshot", 1)],
        until: "1h",
    }),
];

function failures(over: History): Series {
    return metric("slm_stats_snapshots_failed_total", { policy: "daily-snapshots" }, over);
}
const AGE = 26 * 3600;
/** The time of the newest snapshot, in seconds: the clock of a case starts at 0. */
function newest(at: History, repository = "backups"): Series {
    return metric("snapshot_stats_latest_snapshot_timestamp_seconds", { repository }, at);
}

const snapshotCases = [
    firing("ElasticsearchSnapshotFailed", "the policy has failed once more", {
        series: [failures(from("5m", 3, 2))],
        severity: "warning",
        at: "6m",
        alerts: [
            {
                labels: { ...ofNamespace, policy: "daily-snapshots" },
                summary: "A snapshot of Elasticsearch has failed",
                description:
                    "A snapshot of the policy daily-snapshots has failed within the last hour. The next one is tried at its time; what is deleted until then is in no snapshot.",
            },
        ],
        until: "1h",
    }),
    quiet("ElasticsearchSnapshotFailed", "it has failed long ago", {
        series: [failures(7)],
        until: "2h",
    }),
    quiet("ElasticsearchSnapshotFailed", "its statistics start again", {
        series: [failures(from("5m", 0, 7))],
        until: "2h",
    }),
    firing("ElasticsearchSnapshotOld", "no snapshot has succeeded for 26 hours", {
        // 26 h after the newest, which is 25 h and 55 minutes old at first.
        series: [newest(300 - AGE), newest(0, "other")],
        severity: "critical",
        at: "1230s",
        alerts: [
            {
                labels: { ...ofNamespace, repository: "backups" },
                summary: "The newest snapshot of Elasticsearch is old",
                description:
                    "The newest snapshot in the repository backups is 1d 2h 15m 30s old, and may be 26h: that much would be lost with the disks.",
            },
        ],
        until: "30m",
    }),
    quiet(
        "ElasticsearchSnapshotOld",
        "the next one succeeds just before 15 more minutes are over",
        {
            series: [newest(from("1230s", 1200, 300 - AGE))],
            until: "1h",
        },
    ),
    quiet("ElasticsearchSnapshotOld", "there is no snapshot yet", {
        step: "30m",
        series: [newest([["40h", 0]])],
        until: "30h",
    }),
    firing("ElasticsearchSnapshotMissing", "there is no snapshot after 26 hours", {
        step: "5m",
        series: [newest([["40h", 0]])],
        severity: "critical",
        at: "1575m",
        alerts: [
            {
                labels: { ...ofNamespace, repository: "backups" },
                summary: "There is no snapshot of Elasticsearch",
                description:
                    "The repository backups has been there for 26h, and has never had a snapshot: all would be lost with the disks.",
            },
        ],
    }),
    quiet("ElasticsearchSnapshotMissing", "there is one after a day", {
        step: "30m",
        series: [
            newest([
                ["24h", 0],
                ["24h", 86400],
            ]),
        ],
        until: "48h",
    }),
    firing("ElasticsearchRepositoryLost", "the repository cannot be read any more", {
        series: [newest(from("5m", "gone", 1)), ...health({ green: 1, yellow: 0, red: 0 })],
        severity: "critical",
        at: "65m",
        alerts: [
            {
                labels: { ...ofNamespace, repository: "backups" },
                summary: "The snapshot repository of Elasticsearch cannot be read",
                description:
                    "Elasticsearch answers, and has not read the repository backups for 1h: its bucket or its credentials are gone, and no snapshot is taken.",
            },
        ],
        until: "3h",
    }),
    quiet("ElasticsearchRepositoryLost", "Elasticsearch does not answer", {
        series: [
            newest(from("5m", "gone", 1)),
            ...health({ green: from("5m", "gone"), yellow: "gone", red: "gone" }),
        ],
        until: "3h",
    }),
    quiet("ElasticsearchRepositoryLost", "it is read again within an hour", {
        series: [
            newest(between("5m", "65m", "gone", 1)),
            ...health({ green: 1, yellow: 0, red: 0 }),
        ],
        until: "3h",
    }),
    quiet("ElasticsearchSnapshotOld", "there is no repository at all", {
        series: health({ green: 1, yellow: 0, red: 0 }),
        until: "1h",
    }),
];

/** Elasticsearch: its health, its disks and memory, and what deletes and saves its data. */
export const elasticsearchCases: readonly AlertCase[] = [
    ...healthCases,
    ...diskCases,
    ...loadCases,
    ...ilmCases,
    ...snapshotCases,
];
