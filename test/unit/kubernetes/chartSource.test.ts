import assert from "node:assert/strict";

import {
    chartReference,
    ChartReference,
    ChartSource,
    chartSource,
    missingCharts,
} from "../../../components/kubernetes/chartSource";
import { CHARTS, IMAGES } from "../../../components/versions";

const CHART = { chart: "fluent-bit", repository: "https://fluent.example", version: "1.2.3" };

interface Case {
    readonly setting: string;
    readonly source: ChartSource;
    readonly reference: ChartReference;
}

const CASES: Readonly<Record<string, Case>> = {
    "each chart's own repository": {
        setting: "repository",
        source: { kind: "repository" },
        reference: {
            chart: "fluent-bit",
            version: "1.2.3",
            repositoryOpts: { repo: "https://fluent.example" },
        },
    },
    "one mirror of all charts": {
        setting: "https://mirror.example/charts",
        source: { kind: "mirror", url: "https://mirror.example/charts" },
        reference: {
            chart: "fluent-bit",
            version: "1.2.3",
            repositoryOpts: { repo: "https://mirror.example/charts" },
        },
    },
    // Helm takes no repository for OCI: the chart is part of the URL.
    "an OCI registry": {
        setting: "oci://mirror.example/charts/",
        source: { kind: "oci", url: "oci://mirror.example/charts" },
        reference: { chart: "oci://mirror.example/charts/fluent-bit", version: "1.2.3" },
    },
    "a folder beside the project": {
        setting: "../charts",
        source: { kind: "folder", folder: "/srv/charts" },
        reference: { chart: "/srv/charts/fluent-bit-1.2.3.tgz", version: "1.2.3" },
    },
    "a folder elsewhere": {
        setting: "/srv/charts",
        source: { kind: "folder", folder: "/srv/charts" },
        reference: { chart: "/srv/charts/fluent-bit-1.2.3.tgz", version: "1.2.3" },
    },
};

describe("Charts", () => {
    for (const [what, { setting, source, reference }] of Object.entries(CASES)) {
        it(`come from ${what} with "${setting}"`, () => {
            assert.deepEqual(chartSource(setting, "/srv/project"), source);
            assert.deepEqual(chartReference(source, CHART), reference);
        });
    }

    it("that a folder lacks are named before anything is installed", () => {
        const folder: ChartSource = { kind: "folder", folder: "/srv/charts" };
        const { chart, version } = CHARTS.fluentBit;
        const there = (file: string) => !file.includes("fluent-bit");
        assert.deepEqual(missingCharts(folder, "owner", there), [
            `/srv/charts/${chart}-${version}.tgz`,
        ]);
    });

    it("are not asked of a tenant's folder, which installs none", () => {
        const folder: ChartSource = { kind: "folder", folder: "/srv/charts" };
        assert.deepEqual(
            missingCharts(folder, "tenant", () => false),
            [],
        );
    });

    it("of a repository or a mirror are not looked for on disk", () => {
        for (const source of [CASES["an OCI registry"], CASES["one mirror of all charts"]]) {
            assert.ok(source);
            assert.deepEqual(
                missingCharts(source.source, "owner", () => false),
                [],
            );
        }
    });

    it("have exact versions, so that every run installs the same", () => {
        for (const { chart, version } of Object.values(CHARTS)) {
            assert.match(version, /^\d+\.\d+\.\d+$/, chart);
        }
    });

    it("and images of ours name their registry and a version", () => {
        for (const image of Object.values(IMAGES)) {
            assert.match(image, /^[a-z0-9.]+\.[a-z]+\/[^:]+:v?\d+\.\d+\.\d+(-[a-z]+\d*)?$/);
        }
    });
});
