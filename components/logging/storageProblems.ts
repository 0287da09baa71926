import { seconds } from "../settings/duration";
import { logShards } from "./capacity";
import { Problem, show, suggestion } from "../settings/problems";
import type { Settings } from "../stack/schema";
import { SNAPSHOT_CREDENTIALS } from "./snapshotSettings";

/** The rules of what Elasticsearch keeps and backs up. Returns every problem. */
export function storageProblems(settings: Settings): Problem[] {
    return [...wholeDays(settings), ...shardProblems(settings), ...credentialProblems(settings)];
}

const DAY = 86400;

/** Indices, traces and snapshots are made and deleted by the day. */
function wholeDays({ retention }: Settings): Problem[] {
    return (["logs", "traces", "backups"] as const)
        .filter((signal) => seconds(retention[signal]) % DAY !== 0)
        .map((signal) => ({
            path: `retention.${signal}`,
            got: show(retention[signal]),
            allowed: "whole days, such as 7d, 2w or 48h: it is deleted by the day",
        }));
}

function shardProblems({ elasticsearch, retention }: Settings): Problem[] {
    const { needed, allowed } = logShards(elasticsearch, retention);
    return needed <= allowed
        ? []
        : [
              {
                  path: "retention.logs",
                  got: show(retention.logs),
                  allowed: `an index a day of each stream, for ${retention.logs}, makes ${needed} shards, and ${elasticsearch.nodes} nodes take ${allowed}: shorten it, or add nodes`,
              },
          ];
}

function credentialProblems({ elasticsearch, snapshotCredentials }: Settings): Problem[] {
    const { type } = elasticsearch.snapshots;
    const known = Object.keys(SNAPSHOT_CREDENTIALS[type]);
    return Object.keys(snapshotCredentials)
        .filter((key) => !known.includes(key))
        .map((key) => ({
            path: `snapshotCredentials.${key}`,
            got: `a secret that snapshots of type "${type}" do not have`,
            allowed: `${suggestion(key, known)}allowed: ${known.join(", ") || "none"}`,
        }));
}
