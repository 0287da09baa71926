import assert from "node:assert/strict";

import { parse } from "yaml";

import { bytes } from "../../../components/settings/quantity";
import {
    find,
    findRelease,
    kubernetesObjects,
    label,
    leaves,
    listAt,
    ofKind,
    releases,
    textAt,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { everyModeRun, previewOf, stackRun } from "../../../lab/program/runs";
import { PrivateAuthority, privateAuthority } from "../../support/authority";
import { changed, refuses } from "../../support/refusalTable";

const MINIMUM = "20Gi";

/** A stack whose every service has a company's authority, in a cluster that makes no volume below 20Gi. */
async function company({ ca }: PrivateAuthority): Promise<ProgramRun> {
    const large = { storageSize: "100Gi" };
    const receiver = (type: string, rest = {}) => ({ type, ca, ...rest });
    return previewOf("prod", {
        ...changed("prod", "cluster", {
            minimumVolumeSize: MINIMUM,
            nodeExporterPort: 9101,
            verifyKubelets: true,
        }),
        ...changed("prod", "alertmanager", large),
        ...changed("prod", "grafana", large),
        ...changed("prod", "backup", {
            repository: { type: "s3", endpoint: "https://s3.example.com", bucket: "backups", ca },
        }),
        ...changed("prod", "elasticsearch", {
            snapshots: {
                type: "s3",
                bucket: "backups",
                endpoint: "https://s3.example.com",
                // Two: keytool takes one of a file.
                ca: `${ca}\n${ca}`,
            },
        }),
        ...changed("prod", "alerting", {
            receivers: {
                pager: receiver("pagerduty", { url: "https://pager.example.com/v2/enqueue" }),
                chat: receiver("slack", { channel: "#redis-alerts" }),
                mail: receiver("email", {
                    to: "a@example.com",
                    from: "b@example.com",
                    smarthost: "mail.example.com:587",
                    username: "alerts",
                }),
                robot: receiver("dingtalk"),
                heartbeat: receiver("heartbeat"),
                open: { type: "webhook" },
            },
            routes: {
                all: {
                    severities: ["critical", "warning"],
                    receivers: ["pager", "chat", "mail", "robot", "open"],
                },
            },
        }),
        ...changed("prod", "fluentBit", {
            streams: { events: { hourlyVolume: "1Mi" }, instance: { hourlyVolume: "1Mi" } },
        }),
        redis: {
            prod: {
                instances: {
                    shards: {
                        mode: "cluster",
                        shards: 3,
                        memory: "256Mi",
                        storageSize: MINIMUM,
                        backup: { schedule: "30 1 * * *" },
                    },
                },
            },
        },
    });
}

/** Every size that a volume is asked for with, by where it stands. */
function claimed(run: ProgramRun): [string, string][] {
    return [
        ...kubernetesObjects(run)
            .filter(({ kind }) => kind !== "CustomResourceDefinition")
            .map((each): [string, unknown] => [label(each), each.manifest]),
        ...releases(run).map((each): [string, unknown] => [each.name, each.values]),
    ].flatMap(([where, value]) =>
        leaves(value)
            .filter(([path]) => /(requests\.storage|persistence\.size)$/.test(path.join(".")))
            .map(([path, size]): [string, string] => [`${where} ${path.join(".")}`, String(size)]),
    );
}

describe("A stack of a company with its own authority and a least size of volumes", () => {
    let authority: PrivateAuthority;
    let run: ProgramRun;

    before(async function () {
        this.timeout(300_000);
        authority = await privateAuthority("Example Company");
        run = await company(authority);
    });

    it("asks for no volume that its StorageClass does not make", () => {
        const all = claimed(run);
        // Prometheus, Alertmanager, Grafana, Elasticsearch, the events' buffer; data and nodes.conf of the cluster.
        assert.equal(all.length, 7, all.join("\n"));
        assert.deepEqual(
            all.filter(([, size]) => bytes(size) < bytes(MINIMUM)),
            [],
        );
    });

    it("has the authority's file in every pod that runs restic, and in nobody else's", () => {
        const jobs = ofKind(run, "CronJob").filter(
            // Elasticsearch tries its snapshots itself.
            ({ name }) => /^(backup|drill|restore)-/.test(name) && !name.includes("elasticsearch"),
        );
        // Grafana, Prometheus and the Redis; Prometheus' backups are restored by people.
        assert.equal(jobs.length, 8);
        for (const job of jobs) {
            const pod = valueAt(job.manifest, "spec", "jobTemplate", "spec", "template", "spec");
            const containers = [...listAt(pod, "initContainers"), ...listAt(pod, "containers")];
            for (const each of containers) {
                const restic = textAt(each, "image").includes("restic");
                const variable = listAt(each, "env").find(
                    (env) => valueAt(env, "name") === "SSL_CERT_FILE",
                );
                const mounted = listAt(each, "volumeMounts").some(
                    (mount) => valueAt(mount, "mountPath") === "/trust",
                );
                assert.equal(valueAt(variable, "value"), restic ? "/trust/ca.crt" : undefined);
                assert.equal(mounted, restic, label(job));
            }
            const volume = listAt(pod, "volumes").find((each) => valueAt(each, "name") === "trust");
            const name = textAt(volume, "configMap", "name");
            const map = ofKind(run, "ConfigMap").find(
                (each) => each.name === name && each.namespace === job.namespace,
            );
            assert.equal(valueAt(map?.manifest, "data", "ca.crt"), authority.ca.trim() + "\n");
        }
    });

    it("gives Elasticsearch a trust store with each certificate", () => {
        const { manifest } = find(run, "Elasticsearch", "elasticsearch");
        const pod = valueAt(manifest, "spec", "nodeSets", "0", "podTemplate", "spec");
        assert.match(
            JSON.stringify(listAt(pod, "containers")),
            /"ES_JAVA_OPTS","value":"-Djavax.net.ssl.trustStore=\/usr\/share\/elasticsearch\/config\/trust\/store.p12 /,
        );
        assert.equal(listAt(pod, "initContainers").length, 1);
        const { data } = find(run, "ConfigMap", "elasticsearch-snapshots-ca").manifest;
        assert.deepEqual(Object.keys(data as object), ["ca-0.crt", "ca-1.crt"]);
    });

    it("gives Alertmanager a file for each receiver that has an authority, and the relay its own", () => {
        const secret = find(run, "Secret", "alertmanager-config");
        const files = valueAt(secret.manifest, "stringData", "secret") as Record<string, string>;
        const text = (file: string) => files[file] ?? "";
        const config: unknown = parse(text("alertmanager.yaml"));
        const named = leaves(valueAt(config, "receivers"))
            .filter(([path]) => path.at(-1) === "ca_file")
            .map(([, file]) => String(file))
            .sort();
        assert.deepEqual(
            named,
            ["chat", "heartbeat", "mail", "pager"].map(
                (name) => `/etc/alertmanager/config/${name}.crt`,
            ),
        );
        for (const file of named) {
            assert.equal(text(file.replace(/.*\//, "")), authority.ca);
        }
        const relay = find(run, "Deployment", "notification-relay").manifest;
        const pod = valueAt(relay, "spec", "template");
        assert.match(
            JSON.stringify(pod),
            /"NODE_EXTRA_CA_CERTS","value":"\/etc\/relay\/trust\/ca.crt"/,
        );
        assert.match(textAt(pod, "metadata", "annotations", "observability/ca"), /^[0-9a-f]{16}$/);
        assert.ok(find(run, "ConfigMap", "notification-relay-ca"));
    });

    it("has node-exporter on the port that is free, at the node's own address, and verifies kubelets", () => {
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "prometheus-node-exporter", "service"), {
            port: 9101,
            targetPort: 9101,
            // 0.0.0.0 otherwise, which is of one IP family.
            listenOnAllInterfaces: false,
        });
        assert.equal(valueAt(values, "kubelet", "serviceMonitor", "insecureSkipVerify"), false);
    });
});

describe("A least size of volumes", () => {
    refuses({
        "a size below it, whoever's it is": {
            change: {
                ...changed("prod", "cluster", { minimumVolumeSize: MINIMUM }),
                ...changed("prod", "alertmanager", { storageSize: MINIMUM }),
                ...changed("prod", "grafana", { storageSize: MINIMUM }),
            },
            says: `redis.prod.instances.redis-replication.storageSize: got "10Gi"; 20Gi or more, as cluster.minimumVolumeSize says`,
        },
    });
});

/**
 * What a cluster may refuse because this program decided it, with why it must be so or which key changes it. A new one
 * belongs here, with its reason.
 */
const CONSTANTS: Readonly<Record<string, string>> = {
    // Images of the operator, of Jaeger's Spark job and ours run as no root, by number: `runAsNonRoot` needs one where
    // the image names its user. Ranges of a platform (OpenShift) are the page docs/clusters.md.
    "runAsUser 1000": "Redis, ECK's jobs and backups",
    "runAsUser 10001": "Jaeger and the relay",
    "runAsUser 65532": "the Redis operator",
    "runAsUser 185": "Spark",
    "storage 64Mi": "nodes.conf of a Redis Cluster: cluster.minimumVolumeSize raises it",
    "priorityClassName observability-node": "a PriorityClass of this stack",
};

describe("What a cluster may refuse", () => {
    it("is a key of the configuration, or known with its reason", async () => {
        const runs = [await stackRun("staging"), await stackRun("prod"), await everyModeRun()];
        const chosen = new Set<string>();
        for (const each of runs) {
            const values = [
                ...kubernetesObjects(each)
                    .filter(({ kind }) => kind !== "CustomResourceDefinition")
                    .map(({ manifest }) => manifest),
                ...releases(each).map((release) => release.values),
            ];
            for (const [path, value] of values.flatMap((one) => leaves(one))) {
                const key = path.at(-1) ?? "";
                if (
                    /^(hostPort|nodePort|clusterIP|loadBalancerIP|externalIPs|runAsUser|priorityClassName|nodeName|runtimeClassName|hostNetwork|hostPID|hostIPC)$/.test(
                        key,
                    )
                ) {
                    chosen.add(`${key} ${String(value)}`);
                }
                if (key === "storageClassName" && value !== "") {
                    chosen.add(`${key} ${String(value)}`);
                }
            }
            // Sizes that stand in no stack file: what the configuration says is 1Gi or more in all three.
            for (const [, size] of claimed(each).filter(([, one]) => bytes(one) < 2 ** 30)) {
                chosen.add(`storage ${size}`);
            }
        }
        assert.deepEqual([...chosen].sort(), Object.keys(CONSTANTS).sort());
    });
});
