import * as fs from "node:fs";
import * as path from "node:path";

let known: ReadonlySet<string> | undefined;

/**
 * The names of the IANA time zone database in Go's `lib/time/zoneinfo.zip`, which is what Alertmanager looks a name up
 * in: by exact case. `Intl` takes every case, and lists no links such as `Asia/Kolkata`.
 */
export function timeZones(): ReadonlySet<string> {
    known ??= new Set(
        JSON.parse(
            fs.readFileSync(path.join(__dirname, "ianaNames.json"), "utf8"),
        ) as readonly string[],
    );
    return known;
}
