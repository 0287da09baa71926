import assert from "node:assert/strict";

import {
    bytes,
    gibibytes,
    mebibytes,
    parseQuantity,
    volumeSize,
} from "../../../components/settings/quantity";

describe("Quantity", () => {
    const values: Readonly<Record<string, number>> = {
        "0": 0,
        "1": 1,
        "100m": 0.1,
        "1.5": 1.5,
        "2k": 2000,
        "1M": 1e6,
        "1Ki": 1024,
        "500Mi": 500 * 1024 ** 2,
        "1.5Gi": 1.5 * 1024 ** 3,
        "2Ti": 2 * 1024 ** 4,
        "1P": 1e15,
    };
    for (const [text, value] of Object.entries(values)) {
        it(`reads ${text} as Kubernetes does`, () => assert.equal(parseQuantity(text), value));
    }

    for (const text of ["", "Gi", "10GB", "10 Gi", "-1Gi", "1,5Gi", "1e3x", "10gi", ".5Gi"]) {
        it(`does not take "${text}" for a quantity`, () =>
            assert.equal(parseQuantity(text), undefined));
    }

    it("throws with the text where a checked quantity is expected", () => {
        assert.equal(bytes("1Gi"), 2 ** 30);
        assert.throws(() => bytes("10GB"), /"10GB" is not a Kubernetes quantity such as /);
    });

    it("never promises more mebibytes than there are", () => {
        assert.equal(mebibytes(2 ** 30 - 1), "1023Mi");
        assert.equal(mebibytes(2 ** 30), "1024Mi");
    });

    it("names a volume that is large enough", () => {
        assert.equal(volumeSize(39.96 * 2 ** 30), "40Gi");
        assert.equal(volumeSize(40 * 2 ** 30), "40Gi");
    });

    it("shows a reader gibibytes with one decimal", () => {
        assert.equal(gibibytes(34.5 * 2 ** 30), "34.5Gi");
    });
});
