import assert from "node:assert/strict";

import {
    CHUNK_FACTOR,
    eventsVolume,
    nodeBuffer,
    nodeLimits,
} from "../../../components/logging/logBuffer";
import { bytes } from "../../../components/settings/quantity";
import { changed, refuses } from "../../support/refusalTable";

const SETTINGS = {
    streams: { operator: { hourlyVolume: "1Mi" }, instance: { hourlyVolume: "3Mi" } },
    outageHours: 24,
    bufferSize: "2Gi",
};

describe("The buffer of a node", () => {
    it("needs the bytes of all its streams for all the hours", () => {
        assert.equal(nodeBuffer(SETTINGS).needed, 4 * 2 ** 20 * 24 * CHUNK_FACTOR);
    });

    it("is divided by the volume of the streams, and leaves room for rejected chunks", () => {
        const { operator = 0, instance = 0 } = nodeLimits(SETTINGS);
        assert.equal(Math.round(instance / operator), 3);
        assert.ok(operator + instance <= bytes("2Gi") * 0.9 + 1);
    });

    it("does not count events, which are on a volume of their own", () => {
        const events = { ...SETTINGS.streams, events: { hourlyVolume: "1Gi" } };
        assert.equal(
            nodeBuffer({ ...SETTINGS, streams: events }).needed,
            nodeBuffer(SETTINGS).needed,
        );
        const size = bytes(eventsVolume({ ...SETTINGS, streams: events }));
        assert.ok(size > 2 ** 30 * 24 * CHUNK_FACTOR, String(size));
    });
});

describe("Settings of the log collection", () => {
    const streams = (change: object) => changed("prod", "fluentBit", { streams: change });
    refuses({
        "a stream that there is not": {
            change: streams({ operators: { hourlyVolume: "1Mi" } }),
            says: `fluentBit.streams.operators: got an unknown key; did you mean "operator"? allowed: operator, instance, containers, events`,
        },
        "no stream of a node": {
            change: streams({ events: { hourlyVolume: "1Mi" } }),
            says: `fluentBit.streams: got ["events"]; one or more of operator, instance and containers: nothing would be read on the nodes`,
        },
        "a volume that is no size": {
            change: streams({ operator: { hourlyVolume: "a lot" } }),
            says: `fluentBit.streams.operator.hourlyVolume: got "a lot"; allowed: a Kubernetes quantity of whole bytes such as 256Mi or 10Gi, at most 1Pi`,
        },
        "an outage of no hours": {
            change: changed("prod", "fluentBit", { outageHours: 0 }),
            says: `fluentBit.outageHours: got 0; allowed: a whole number from 1 to 168`,
        },
        "a buffer that is too small for the outage": {
            change: changed("prod", "fluentBit", {
                streams: { instance: { hourlyVolume: "1Gi" } },
                outageHours: 10,
                bufferSize: "5Gi",
            }),
            says: `fluentBit.bufferSize: got "5Gi"; 10 hours of the streams' hourlyVolume need ${10 * CHUNK_FACTOR}.0Gi and it leaves 4.5Gi: set it to ${Math.ceil((10 * CHUNK_FACTOR) / 0.9)}Gi or more, or lower outageHours`,
        },
    });
});
