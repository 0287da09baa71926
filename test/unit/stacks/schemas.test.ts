import assert from "node:assert/strict";

import { factFiles } from "../../../lab/facts";
import {
    customResources,
    KubernetesObject,
    label,
    Release,
    releases,
} from "../../../lab/program/objects";
import { everyModeRun, previewOf, stackRun } from "../../../lab/program/runs";
import { chartDefaults, unknownValues } from "../../support/chartValues";
import { crdSchema, violations } from "../../support/crdSchemas";
import { skip } from "../../support/skip";

/** Charts of which nobody has written the default values down; both have next to none. */
const WITHOUT_VALUES = ["prometheus-operator-crds", "eck-operator-crds"];

/** Every optional value at once. */
const exposed = () =>
    previewOf("prod", {
        storageClass: "fast",
        fluentBit: {
            streams: {
                operator: { hourlyVolume: "2Mi" },
                instance: { hourlyVolume: "8Mi" },
                containers: { hourlyVolume: "100Mi" },
                events: { hourlyVolume: "1Mi" },
            },
            bufferSize: "40Gi",
        },
        ingress: {
            enabled: true,
            className: "nginx",
            controllerNamespace: "ingress-nginx",
            tlsSecretName: "web-tls",
            loginBefore: ["prometheus"],
            hosts: {
                grafana: "g.example.com",
                prometheus: "p.example.com",
                kibana: "k.example.com",
            },
        },
    });

describe("Custom resources", () => {
    before(function () {
        if (factFiles("crds").length === 0) {
            skip(this, "../shared/crds is not beside the checkout");
        }
    });

    for (const [stack, make] of Object.entries({
        staging: () => stackRun("staging"),
        prod: () => stackRun("prod"),
        "a stack with every mode": everyModeRun,
        "a stack with every option": exposed,
    })) {
        it(`of ${stack} are what their CRDs take`, async () => {
            const resources = customResources(await make());
            assert.ok(resources.length > 5);
            assert.deepEqual(resources.flatMap(broken), []);
        });
    }

    it("of every kind that we make have been looked at", async () => {
        const kinds = customResources(await everyModeRun()).map(({ kind }) => kind);
        assert.deepEqual([...new Set(kinds)].sort(), [
            "Elasticsearch",
            "Kibana",
            "PodMonitor",
            "Probe",
            "PrometheusRule",
            "Redis",
            "RedisCluster",
            "RedisReplication",
            "RedisSentinel",
            "ServiceMonitor",
        ]);
    });
});

function broken(object: KubernetesObject): string[] {
    const schema = crdSchema(object.apiVersion, object.kind);
    assert.ok(schema, `no CRD of ${object.apiVersion} ${object.kind} in ../shared/crds`);
    // The API server owns these two.
    const { apiVersion, metadata, ...content } = object.manifest;
    assert.ok(apiVersion && metadata);
    return violations(content, schema, label(object));
}

describe("Helm values", () => {
    before(function () {
        if (factFiles("charts").length === 0) {
            skip(this, "../shared/charts is not beside the checkout");
        }
    });

    const check = ({ chart, version, values }: Release): string[] => {
        const defaults = chartDefaults(chart, version);
        if (defaults === undefined) {
            assert.ok(WITHOUT_VALUES.includes(chart), `no values of ${chart} ${version} at hand`);
            return [];
        }
        return unknownValues(chart, values, defaults).map((path) => `${chart}: ${path}`);
    };

    for (const [stack, make] of Object.entries({ prod: () => stackRun("prod"), exposed })) {
        it(`of ${stack} have only keys that the pinned charts know`, async () => {
            const run = await make();
            assert.deepEqual(releases(run).flatMap(check), []);
        });
    }
});

describe("The checks of this file", () => {
    const schema = {
        type: "object",
        required: ["size"],
        properties: {
            size: { type: "integer", minimum: 1 },
            mode: { type: "string", enum: ["a", "b"] },
            items: { type: "array", items: { type: "string" } },
            labels: { type: "object", additionalProperties: { type: "string" } },
        },
    };

    it("find an unknown field, a wrong type, a missing one and a value out of its list", () => {
        const value = { sizes: 3, mode: "c", items: ["x", 1], labels: { x: 1 } };
        assert.deepEqual(violations(value, schema, "spec").sort(), [
            "spec.items[1]: 1 is not of type string",
            "spec.labels.x: 1 is not of type string",
            'spec.mode: "c" is none of ["a","b"]',
            "spec.size: is missing",
            "spec.sizes: is an unknown field",
        ]);
        assert.deepEqual(violations({ size: 1, labels: { x: "y" } }, schema, "spec"), []);
    });

    it("find a value that a chart does not have, and leave free maps alone", () => {
        const defaults = { image: { tag: "" }, resources: {}, replicas: 1 };
        const values = { image: { tga: "1" }, resources: { limits: {} }, replica: 2 };
        assert.deepEqual(unknownValues("any", values, defaults), ["image.tga", "replica"]);
    });
});
