import assert from "node:assert/strict";

import { adaptedObject } from "../../../components/adaptation/adaptation";
import { RELEASES } from "../../../components/adaptation/helmValues";
import {
    adaptedImage,
    ImageSettings,
    imageText,
    parseImage,
    repositoryOf,
} from "../../../components/adaptation/images";
import { adaptedValues } from "../../../components/adaptation/releaseValues";
import { knownRepositories } from "../../../components/adaptation/settings";
import { chartFacts } from "../../../lab/charts/facts";
import { exampleConfig } from "../../support/exampleConfig";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const NONE: ImageSettings = { registry: "", pullSecrets: [], overrides: {}, digests: {} };

describe("Images", () => {
    const GRAFANA = "docker.io/grafana/grafana";
    const cases: Readonly<Record<string, [Partial<ImageSettings>, string, string]>> = {
        "stay as they are": [{}, `${GRAFANA}:13.2.0`, `${GRAFANA}:13.2.0`],
        "come from the registry in place of their host": [
            { registry: "registry.example.com:5000/mirror" },
            "quay.io/opstree/redis:v8.8.2",
            "registry.example.com:5000/mirror/opstree/redis:v8.8.2",
        ],
        "come from elsewhere by their repository, with the tag that they have": [
            { overrides: { [GRAFANA]: "example.com/acme/grafana" } },
            `${GRAFANA}:13.2.0`,
            "example.com/acme/grafana:13.2.0",
        ],
        "take the tag of an override": [
            { overrides: { [GRAFANA]: "example.com/acme/grafana:13.2.1" } },
            `${GRAFANA}:13.2.0`,
            "example.com/acme/grafana:13.2.1",
        ],
        "keep an override below the registry": [
            { registry: "example.com/a", overrides: { [GRAFANA]: "example.com/a/b/grafana" } },
            `${GRAFANA}:13.2.0`,
            "example.com/a/b/grafana:13.2.0",
        ],
        "take a digest": [
            { registry: "example.com", digests: { [`${GRAFANA}:13.2.0`]: DIGEST } },
            `${GRAFANA}:13.2.0`,
            `example.com/grafana/grafana:13.2.0@${DIGEST}`,
        ],
        "take no digest of another tag": [
            { digests: { [`${GRAFANA}:13.1.0`]: DIGEST } },
            `${GRAFANA}:13.2.0`,
            `${GRAFANA}:13.2.0`,
        ],
    };
    for (const [what, [settings, image, expected]] of Object.entries(cases)) {
        it(what, () => {
            assert.equal(imageText(adaptedImage(image, { ...NONE, ...settings })), expected);
        });
    }

    it("are read in parts", () => {
        assert.deepEqual(parseImage(`example.com:5000/a/b:v1@${DIGEST}`), {
            host: "example.com:5000",
            path: "a/b",
            tag: "v1",
            digest: DIGEST,
        });
        assert.equal(parseImage("grafana"), undefined);
    });

    it("of the pinned charts are all known", () => {
        const images = Object.values(chartFacts()).flatMap((facts) => facts.images);
        const unknown = images
            .map(repositoryOf)
            .filter((each) => !knownRepositories().includes(each));
        assert.deepEqual(unknown, []);
    });
});

describe("Images of charts", () => {
    const values = (release: string, images: Partial<ImageSettings>) =>
        adaptedValues(release, {}, { ...exampleConfig(), images: { ...NONE, ...images } as never });

    it("have a digest the way that each chart takes it", () => {
        const digests = {
            "quay.io/opstree/redis-operator:v0.26.0": DIGEST,
            "cr.fluentbit.io/fluent/fluent-bit:5.1.1": DIGEST,
            "docker.io/grafana/grafana:13.2.0": DIGEST,
        };
        const tag = `v0.26.0@${DIGEST}`;
        assert.deepEqual(values("redis-operator", { digests }), {
            redisOperator: { imageTag: tag, initContainerImageTag: tag },
        });
        assert.deepEqual(values("fluent-bit", { digests }), {
            image: { tag: "5.1.1", digest: DIGEST },
        });
        assert.deepEqual(
            (values("kube-prometheus-stack", { digests }) as { grafana: object }).grafana,
            {
                image: { tag: "13.2.0", sha: DIGEST.slice("sha256:".length) },
            },
        );
    });
});

describe("What nobody adapts", () => {
    const config = exampleConfig();

    it("stays as it is", () => {
        const values = {
            grafana: { resources: {} },
            nodeSelector: { "kubernetes.io/os": "linux" },
        };
        for (const release of RELEASES) {
            assert.deepEqual(adaptedValues(release, values, config), values);
        }
        const deployment = {
            kind: "Deployment",
            metadata: { name: "jaeger-query" },
            spec: {
                template: {
                    metadata: { labels: QUERY },
                    spec: { containers: [{ image: "docker.io/jaegertracing/jaeger:2.20.0" }] },
                },
            },
        };
        assert.deepEqual(adaptedObject(deployment, config), deployment);
    });

    it("is a pod of no component, which ends the program: somebody forgot it", () => {
        const pods = { spec: { template: { metadata: { labels: { app: "x" } }, spec: {} } } };
        assert.throws(
            () => adaptedObject({ kind: "Deployment", metadata: { name: "x" }, ...pods }, config),
            /pods with the labels {"app":"x"} are of no component: add them to components\/adaptation\/components.ts/,
        );
    });
});

const QUERY = { "app.kubernetes.io/name": "jaeger", "app.kubernetes.io/component": "query" };
