import assert from "node:assert/strict";

import type { LiveObject } from "../../lab/cluster/kubeClient";
import { warningEvents } from "../../lab/cluster/operators";
import { valueAt } from "../../lab/program/objects";
import { portsOf } from "./wiring/liveObjects";
import { World } from "./world";
import { CASES, worldOf } from "./worlds";

const NAMESPACE = "logging";

for (const each of CASES) {
    describe(`Cluster: ECK and ${each.title}`, () => {
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        function find(kind: string, name: string): LiveObject {
            const found = world.objects.find(kind, NAMESPACE, name);
            assert.ok(found, `ECK made no ${kind} ${name}`);
            return found;
        }

        /** Nodes that the configuration asks for. */
        function nodes(): unknown {
            const elasticsearch = find("Elasticsearch", "elasticsearch");
            const [set] = valueAt(elasticsearch, "spec", "nodeSets") as { count: number }[];
            return set?.count;
        }

        it("finds nothing to object to in Elasticsearch and Kibana", async () => {
            const { client } = world.plane;
            const elasticsearch = await client.get(
                "elasticsearch.k8s.elastic.co/v1",
                "Elasticsearch",
                NAMESPACE,
                "elasticsearch",
            );
            const kibana = await client.get(
                "kibana.k8s.elastic.co/v1",
                "Kibana",
                NAMESPACE,
                "kibana",
            );
            for (const object of [elasticsearch, kibana]) {
                assert.notEqual(valueAt(object, "status", "phase"), "Invalid");
                assert.equal(
                    valueAt(object, "status", "observedGeneration"),
                    object.metadata.generation,
                );
            }
            const events = await warningEvents(world.plane);
            assert.deepEqual(
                events.filter(
                    (line) =>
                        /^(Elasticsearch|Kibana) /.test(line) && /Validation|Invalid/.test(line),
                ),
                [],
            );
        });

        it("makes a StatefulSet with a volume for each node of Elasticsearch", () => {
            const set = find("StatefulSet", "elasticsearch-es-default");
            assert.equal(valueAt(set, "spec", "replicas"), nodes());
            const claims = world.objects
                .in(NAMESPACE, "PersistentVolumeClaim")
                .filter(({ metadata }) => metadata.name.startsWith("elasticsearch-data-"));
            assert.equal(claims.length, nodes());
        });

        it("makes Kibana's Deployment with the configured replicas", () => {
            const replicas = valueAt(find("Kibana", "kibana"), "spec", "count");
            assert.equal(valueAt(find("Deployment", "kibana-kb"), "spec", "replicas"), replicas);
        });

        it("makes the Services that others connect to", () => {
            const ports = (name: string): unknown[] =>
                portsOf(find("Service", name)).map((port) => [port.name, port.port]);
            assert.deepEqual(ports("elasticsearch-es-http"), [["https", 9200]]);
            assert.deepEqual(ports("kibana-kb-http"), [["https", 5601]]);
        });

        it("takes our users and roles into Elasticsearch's files", () => {
            const file = (secret: string, key: string): string =>
                Buffer.from(
                    String(valueAt(find("Secret", secret), "data", key)),
                    "base64",
                ).toString();
            const users = world.objects
                .in(NAMESPACE, "Secret")
                .filter(({ metadata }) => metadata.name.startsWith("elasticsearch-user-"))
                .map(({ data }) =>
                    Buffer.from(String(valueAt(data, "username")), "base64").toString(),
                );
            const known = file("elasticsearch-es-xpack-file-realm", "users");
            assert.ok(users.length > 2);
            for (const user of users) {
                assert.match(known, new RegExp(`^${user}:`, "m"));
            }
        });

        it("signs with our certificate authority, so that what clients trust does not change", () => {
            const data = (kind: string, name: string): string =>
                String(valueAt(find(kind, name), "data", "ca.crt"));
            const published = Buffer.from(
                data("Secret", "elasticsearch-es-http-certs-public"),
                "base64",
            ).toString();
            assert.equal(published.trim(), data("ConfigMap", "elasticsearch-ca").trim());
        });

        it("lets one node of several go at a time, and never blocks the drain of a single one", () => {
            const budgets = world.objects
                .in(NAMESPACE, "PodDisruptionBudget")
                .filter(({ metadata }) => metadata.name.startsWith("elasticsearch-es-"));
            assert.equal(budgets.length, nodes() === 1 ? 0 : 1);
        });
    });
}
