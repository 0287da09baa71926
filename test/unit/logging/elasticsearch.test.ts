import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { elasticsearchExporterValues } from "../../../components/logging/elasticsearchExporter";
import { ROLES } from "../../../components/logging/elasticsearchRoles";
import { elasticsearchSpec, waitFor } from "../../../components/logging/elasticsearchSpec";
import { kibanaSpec } from "../../../components/logging/kibana";
import { STREAMS } from "../../../components/logging/logSchema";
import { ELASTIC_STACK_VERSION } from "../../../components/versions";
import { leaves, listAt, valueAt } from "../../../lab/program/objects";
import { exampleConfig } from "../../support/exampleConfig";
import { matches } from "../../support/patterns";

const base = exampleConfig();
const REFERENCES = {
    namespace: "logging",
    caSecret: "elasticsearch-ca-key",
    rolesSecret: "elasticsearch-roles",
    userSecrets: ["elasticsearch-user-jaeger", "elasticsearch-user-exporter"],
};

function spec(nodes: number, storageClass = ""): object {
    const elasticsearch = { ...base.elasticsearch, nodes };
    return elasticsearchSpec(elasticsearch, storageClass, REFERENCES);
}

function nodeSet(nodes: number, storageClass = ""): unknown {
    const sets = listAt(spec(nodes, storageClass), "nodeSets");
    assert.equal(sets.length, 1);
    return sets.find(() => true);
}

describe("Elasticsearch", () => {
    for (const nodes of [1, 3]) {
        it(`of ${nodes} has ${nodes} nodes of the pinned version`, () => {
            assert.equal(valueAt(nodeSet(nodes), "count"), nodes);
            assert.equal(valueAt(spec(nodes), "version"), ELASTIC_STACK_VERSION);
        });

        it(`of ${nodes} leaves its volumes when it is deleted`, () => {
            assert.equal(valueAt(spec(nodes), "volumeClaimDeletePolicy"), "DeleteOnScaledownOnly");
        });
    }

    it("of one node lets its machine be drained, of three lets ECK keep a majority", () => {
        assert.deepEqual(valueAt(spec(1), "podDisruptionBudget"), {});
        assert.equal(valueAt(spec(3), "podDisruptionBudget"), undefined);
    });

    it("claims the volume by the name that ECK mounts; any other would stay unused", () => {
        assert.deepEqual(valueAt(nodeSet(3), "volumeClaimTemplates"), [
            {
                metadata: { name: "elasticsearch-data" },
                spec: {
                    accessModes: ["ReadWriteOnce"],
                    resources: { requests: { storage: "50Gi" } },
                },
            },
        ]);
        const classes = leaves(nodeSet(3, "fast")).filter(([path]) =>
            path.includes("storageClassName"),
        );
        assert.deepEqual(
            classes.map(([, value]) => value),
            ["fast"],
        );
    });

    it("has a certificate for each name by which a pod may call it, from our authority", async () => {
        const tls = await new Promise((resolve) => {
            pulumi.output(valueAt(spec(3), "http", "tls") as object).apply(resolve);
        });
        assert.deepEqual(valueAt(tls, "certificate"), { secretName: "elasticsearch-ca-key" });
        const names = listAt(tls, "selfSignedCertificate", "subjectAltNames");
        assert.deepEqual(
            names.map((each) => valueAt(each, "dns")),
            [
                "elasticsearch",
                "elasticsearch.logging",
                "elasticsearch.logging.svc",
                "elasticsearch.logging.svc.cluster.local",
            ],
        );
    });

    it("knows its users and roles from Secrets", () => {
        assert.deepEqual(valueAt(spec(3), "auth"), {
            roles: [{ secretName: "elasticsearch-roles" }],
            fileRealm: [
                { secretName: "elasticsearch-user-jaeger" },
                { secretName: "elasticsearch-user-exporter" },
            ],
        });
    });

    it("needs no kernel setting of the node", () => {
        assert.deepEqual(valueAt(nodeSet(3), "config"), { "node.store.allow_mmap": false });
    });

    it("is waited for only when the stack waits", () => {
        assert.deepEqual(waitFor(true, "{.status.health}=green"), {
            annotations: { "pulumi.com/waitFor": "jsonpath={.status.health}=green" },
        });
        assert.deepEqual(waitFor(false, "{.status.health}=green"), {});
    });
});

describe("Roles of Elasticsearch", () => {
    const may = (role: keyof typeof ROLES, privilege: string, index: string) =>
        ROLES[role].indices
            .filter(({ names }) => names.some((name) => matches(name, index)))
            .some(({ privileges }) => privileges.includes(privilege));

    it("let Fluent Bit add to every stream, and read and delete nothing", () => {
        for (const stream of Object.values(STREAMS)) {
            assert.ok(may("log_writer", "create_doc", stream), stream);
            for (const privilege of ["read", "delete", "delete_index", "all", "manage"]) {
                assert.ok(!may("log_writer", privilege, stream), `${privilege} of ${stream}`);
            }
        }
    });

    it("let Fluent Bit make no index: one made before its template would never be a stream", () => {
        const given = ROLES.log_writer.indices.flatMap(({ privileges }) => [...privileges]);
        assert.deepEqual(given, ["create_doc"]);
        assert.deepEqual(ROLES.log_writer.cluster, []);
    });

    it("let the setup do with streams what their lifecycle does later, and read no document", () => {
        for (const stream of Object.values(STREAMS)) {
            assert.ok(may("stack_setup", "manage", stream), stream);
            assert.ok(!may("stack_setup", "read", stream), stream);
        }
        assert.ok(!may("stack_setup", "manage", "jaeger-span-2025-01-11"));
        assert.deepEqual(ROLES.stack_setup.applications, [
            {
                application: "kibana-.kibana",
                privileges: ["space_all"],
                resources: ["space:default"],
            },
        ]);
    });

    it("let the restore drill restore, count, and delete nothing but what it restored", () => {
        assert.deepEqual(ROLES.restore_drill.cluster, [
            "monitor",
            "monitor_snapshot",
            "cluster:admin/snapshot/restore",
        ]);
        const restored = `restore-drill-.ds-${STREAMS.instance}-2026.11.20-000012`;
        for (const privilege of ["read", "monitor", "delete_index"]) {
            assert.ok(may("restore_drill", privilege, restored), privilege);
        }
        assert.ok(may("restore_drill", "read", STREAMS.instance));
        for (const privilege of ["delete_index", "write", "manage", "all"]) {
            assert.ok(!may("restore_drill", privilege, STREAMS.instance), privilege);
        }
        assert.ok(!may("restore_drill", "read", "jaeger-span-2025-01-11"));
    });

    it("let Jaeger keep its own indices, and not see logs", () => {
        for (const privilege of ["create_index", "read", "index", "delete_index"]) {
            assert.ok(may("jaeger", privilege, "jaeger-span-2025-01-11"), privilege);
        }
        assert.ok(!may("jaeger", "read", STREAMS.instance));
    });

    it("let readers read logs and spans, and change neither", () => {
        for (const index of [...Object.values(STREAMS), "jaeger-span-2025-01-11"]) {
            assert.ok(may("log_reader", "read", index), index);
            assert.ok(!may("log_reader", "write", index), index);
        }
    });

    it("let the exporter see that indices are there, and no document", () => {
        assert.ok(may("metrics_exporter", "monitor", STREAMS.instance));
        assert.ok(!may("metrics_exporter", "read", STREAMS.instance));
    });
});

describe("Exporter of Elasticsearch", () => {
    const values = elasticsearchExporterValues({
        url: "https://elasticsearch.logging.svc:9200",
        username: "exporter",
        userSecret: "elasticsearch-user-exporter",
        caConfigMap: "elasticsearch-ca",
        caFingerprint: "0123456789abcdef",
    });

    it("verifies Elasticsearch by the mounted CA", () => {
        const path = valueAt(values, "es", "ssl", "ca", "path");
        const mounted = listAt(values, "extraVolumeMounts").map((each) =>
            valueAt(each, "mountPath"),
        );
        assert.deepEqual(
            mounted.map((folder) => `${String(folder)}/ca.crt`),
            [path],
        );
        assert.equal(valueAt(values, "es", "sslSkipVerify"), undefined);
    });

    it("starts again when the CA changes: it reads it once", () => {
        assert.deepEqual(valueAt(values, "podAnnotations"), {
            "observability/ca": "0123456789abcdef",
        });
    });

    it("takes its password from the Secret", () => {
        assert.deepEqual(valueAt(values, "extraEnvSecrets"), {
            ES_PASSWORD: { secret: "elasticsearch-user-exporter", key: "password" },
        });
        assert.deepEqual(valueAt(values, "env"), { ES_USERNAME: "exporter" });
    });
});

describe("Kibana", () => {
    const spec = (url?: string) => kibanaSpec(base.kibana, url);

    it("has the version of Elasticsearch, which refuses any other", () => {
        assert.equal(valueAt(spec(), "version"), ELASTIC_STACK_VERSION);
        assert.deepEqual(valueAt(spec(), "elasticsearchRef"), { name: "elasticsearch" });
        assert.equal(valueAt(spec(), "count"), 2);
    });

    it("knows its public address exactly when it has one", () => {
        const exposed = spec("https://kibana.example.com");
        assert.deepEqual(valueAt(exposed, "config"), {
            "server.publicBaseUrl": "https://kibana.example.com",
        });
        assert.equal(valueAt(spec(), "config"), undefined);
    });
});
