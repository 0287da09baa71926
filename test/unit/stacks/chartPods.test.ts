import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parseAllDocuments } from "yaml";

import { leaves, Release, releases, valueAt } from "../../../lab/program/objects";
import { withFolder } from "../../../lab/program/runs";
import { run } from "../../../lab/tools/commands";
import { tool } from "../../../lab/tools/goTools";
import { ADAPTED, ASKED, everyPart, ignored, PodFields } from "../../support/adapted";
import { skip } from "../../support/skip";

/** Charts refuse a Kubernetes that is too old; without a cluster, Helm takes its own for one. */
const KUBE_VERSION = "1.34.0";
const CHARTS = process.env.CHARTS_DIR;

/** What Helm makes of a release, hooks included. */
async function rendered(release: Release): Promise<unknown[]> {
    const helm = await tool("helm");
    const archive = path.join(CHARTS ?? "", `${release.chart}-${release.version}.tgz`);
    return withFolder(async (folder) => {
        const file = path.join(folder, "values.json");
        fs.writeFileSync(file, JSON.stringify(release.values));
        const text = await run(helm, [
            ...["template", release.name, archive, "--kube-version", KUBE_VERSION],
            ...["--values", file],
        ]);
        return parseAllDocuments(text).map((document) => document.toJS() as unknown);
    });
}

/** Every pod of an object: templates of workloads, and the resources of which the Prometheus Operator makes pods. */
function podsOf(object: unknown): PodFields[] {
    const kind = String(valueAt(object, "kind"));
    const spec = valueAt(object, "spec");
    if (kind === "Prometheus" || kind === "Alertmanager") {
        const image = valueAt(spec, "image");
        return [{ ...(spec as object), metadata: valueAt(spec, "podMetadata"), images: [image] }];
    }
    const template = valueAt(spec, "template") ?? valueAt(spec, "jobTemplate", "spec", "template");
    const pod = valueAt(template, "spec");
    return pod === undefined
        ? []
        : [
              {
                  ...(pod as object),
                  metadata: valueAt(template, "metadata"),
                  images: leaves(pod).flatMap(([at, value]) => imagesAt(at, value)),
              },
          ];
}

/** Images of containers, and those that an operator is told to run. */
function imagesAt(at: readonly string[], value: unknown): unknown[] {
    const [, told] = /^--prometheus-config-reloader=(\S+)$/.exec(String(value)) ?? [];
    const isImage = at.at(-1) === "image" || /^\S+\/redis-operator:\S+$/.test(String(value));
    return told ? [told] : isImage ? [value] : [];
}

/** Charts that have no place for a spread: one pod, one on each node, or none in their templates. */
const WITHOUT_SPREAD =
    /^(fluent-bit|fluent-bit-events|redis-operator|elastic-operator) |node-exporter$|-(operator|admission-create|admission-patch)$/;

describe("Charts, rendered with what the configuration says of all pods", function () {
    this.timeout(900_000);
    before(function () {
        if (!CHARTS) {
            skip(this, "CHARTS_DIR is not set: no archives of the charts");
        }
    });

    it("leave it out of no pod", async () => {
        const pods: string[] = [];
        const found: string[] = [];
        for (const release of releases(await everyPart(ADAPTED))) {
            for (const object of await rendered(release)) {
                const where = `${release.name} ${String(valueAt(object, "kind"))} ${String(valueAt(object, "metadata", "name"))}`;
                const except = WITHOUT_SPREAD.test(where) ? ["topologySpreadConstraints"] : [];
                for (const pod of podsOf(object)) {
                    pods.push(where);
                    found.push(...ignored(pod, except).map((what) => `${where}: ${what}`));
                }
            }
        }
        assert.deepEqual(found, []);
        assert.equal(pods.length, 13, pods.join(", "));
    });

    it("lack all of it in every pod where the configuration says nothing", async () => {
        const wrong: string[] = [];
        for (const release of releases(await everyPart({}))) {
            for (const object of await rendered(release)) {
                wrong.push(
                    ...podsOf(object)
                        .filter((pod) => ignored(pod).length < ASKED.length)
                        .map(
                            (pod) =>
                                `${release.name} ${String(valueAt(object, "metadata", "name"))}: only ${ignored(pod).join(", ")}`,
                        ),
                );
            }
        }
        assert.deepEqual(wrong, []);
    });

    it("name no users and groups on OpenShift", async () => {
        const cluster = { name: "prod", role: "owner", controlPlane: "managed" };
        const run = await everyPart({ cluster: { ...cluster, platform: "openshift" } });
        const found: string[] = [];
        for (const release of releases(run)) {
            for (const object of await rendered(release)) {
                const ids = podsOf(object).flatMap((pod) =>
                    leaves(pod).filter(
                        ([at, value]) =>
                            /^(runAsUser|runAsGroup|fsGroup)$/.test(at.at(-1) ?? "") &&
                            value !== null,
                    ),
                );
                found.push(...ids.map(([at]) => `${release.name} ${at.join(".")}`));
            }
        }
        assert.deepEqual(found, []);
    });
});
