import assert from "node:assert/strict";

import { valueAt } from "../../../lab/program/objects";
import { previewOf } from "../../../lab/program/runs";

interface Probe {
    readonly path: string;
    readonly probe: unknown;
}

/** Every liveness probe below a value, ours and those of charts' values. */
function livenessProbes(value: unknown, path: readonly string[] = []): Probe[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, below]) => [
        ...(key === "livenessProbe"
            ? [{ path: [...path, key].join("."), probe: below as unknown }]
            : []),
        ...livenessProbes(below, [...path, key]),
    ]);
}

describe("Liveness probes", () => {
    for (const stack of ["staging", "prod"]) {
        it(`of ${stack} kill nothing that does not answer for less than two minutes`, async () => {
            const { registrations } = await previewOf(stack, {});
            const probes = registrations.flatMap(({ name, inputs }) =>
                livenessProbes(inputs, [name]),
            );
            // Redis of each kind, Jaeger, Fluent Bit, Grafana, its neighbours.
            assert.ok(probes.length >= 8, probes.map(({ path }) => path).join("\n"));
            for (const { path, probe } of probes) {
                const patience =
                    Number(valueAt(probe, "periodSeconds")) *
                    Number(valueAt(probe, "failureThreshold"));
                assert.ok(patience >= 120, `${path}: ${patience} s`);
                assert.ok(Number(valueAt(probe, "timeoutSeconds")) >= 5, path);
            }
        });
    }
});
