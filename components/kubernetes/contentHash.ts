import { createHash } from "node:crypto";

/** The first hex digits of a text's SHA-256: differs when the text does, and is short enough for a name. */
export function contentHash(text: string, length = 16): string {
    return createHash("sha256").update(text).digest("hex").slice(0, length);
}
