import assert from "node:assert/strict";

import { kubernetesObjects, label, leaves, ofKind, releases } from "../../../lab/program/objects";
import { everyModeRun, previewOf, stackRun, tenantRun } from "../../../lab/program/runs";

/** What an address of IPv4 looks like; versions have three parts, and ranges of clients are no listeners. */
const LITERAL = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;

/** A pod's own loopback has both families in every cluster. */
const LOOPBACK = "127.0.0.1";

const RUNS = {
    staging: () => stackRun("staging"),
    prod: () => stackRun("prod"),
    "a stack with every mode": everyModeRun,
    "a tenant": tenantRun,
};

for (const [name, make] of Object.entries(RUNS)) {
    describe(`What ${name} deploys`, () => {
        it("names no address of one IP family, in manifests, values or configurations", async () => {
            const run = await make();
            const found = [
                ...kubernetesObjects(run)
                    .filter(({ kind }) => kind !== "CustomResourceDefinition")
                    .map((object): [string, unknown] => [label(object), object.manifest]),
                ...releases(run).map((each): [string, unknown] => [each.name, each.values]),
            ].flatMap(([where, value]) =>
                leaves(value).flatMap(([path, leaf]) =>
                    (String(leaf).match(LITERAL) ?? [])
                        .filter((address) => address !== LOOPBACK)
                        .map((address) => `${where} ${path.join(".")}: ${address}`),
                ),
            );
            assert.deepEqual(found, []);
        });
    });
}

describe("Fluent Bit's probes and metrics", () => {
    const addresses = async (fluentBit: object): Promise<(string | undefined)[]> => {
        const run = await previewOf("prod", { fluentBit });
        return releases(run)
            .filter(({ chart }) => chart === "fluent-bit")
            .map(
                ({ values }) =>
                    /http_listen: "?([^"\n]+)"?/.exec(
                        JSON.stringify(values, null, 1)
                            .replaceAll("\\n", "\n")
                            .replaceAll('\\"', '"'),
                    )?.[1],
            );
    };
    const streams = { operator: { hourlyVolume: "1Mi" }, events: { hourlyVolume: "1Mi" } };

    it("are on every address of the pod, of either family", async () => {
        assert.deepEqual(await addresses({ streams, bufferSize: "1Gi" }), ["::", "::"]);
    });

    it("are on IPv4 alone where the kernel of the nodes has nothing else", async () => {
        const listenAddress = "0.0.0.0";
        assert.deepEqual(await addresses({ streams, bufferSize: "1Gi", listenAddress }), [
            "0.0.0.0",
            "0.0.0.0",
        ]);
    });
});

describe("Services of ours", () => {
    it("leave the IP family to the cluster", async () => {
        const fixed = ofKind(await stackRun("prod"), "Service").filter(({ manifest }) =>
            JSON.stringify(manifest).includes("ipFamil"),
        );
        assert.deepEqual(fixed.map(label), []);
    });
});
