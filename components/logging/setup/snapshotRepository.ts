import type { estypes } from "@elastic/elasticsearch";

import type { SnapshotSettings } from "../snapshotSettings";

export const REPOSITORY = "observability";
/** Where the nodes mount the volume of a shared file system. */
export const SNAPSHOT_FOLDER = "/usr/share/elasticsearch/snapshots";

/** The repository, or undefined when there are to be no snapshots. */
export function snapshotRepository(
    settings: SnapshotSettings,
):
    | (estypes.SnapshotCreateRepositoryRequest & { repository: estypes.SnapshotRepository })
    | undefined {
    const repository = repositoryOf(settings);
    return repository && { name: REPOSITORY, repository };
}

/** https://www.elastic.co/docs/deploy-manage/tools/snapshot-and-restore/self-managed */
function repositoryOf(settings: SnapshotSettings): estypes.SnapshotRepository | undefined {
    switch (settings.type) {
        case "none":
            return undefined;
        case "s3":
        case "gcs": {
            const { type, bucket, basePath: base_path } = settings;
            return { type, settings: { bucket, base_path } };
        }
        case "azure": {
            const { type, container, basePath: base_path } = settings;
            return { type, settings: { container, base_path } };
        }
        case "sharedFileSystem":
            return { type: "fs", settings: { location: SNAPSHOT_FOLDER } };
    }
}

/** Settings of every node for the repository: https://www.elastic.co/docs/deploy-manage/tools/snapshot-and-restore/s3-repository. */
export function snapshotNodeSettings(
    settings: SnapshotSettings,
): Readonly<Record<string, unknown>> {
    switch (settings.type) {
        case "s3": {
            const { endpoint, region, pathStyleAccess } = settings;
            return {
                ...(endpoint ? { "s3.client.default.endpoint": endpoint } : {}),
                ...(region ? { "s3.client.default.region": region } : {}),
                ...(pathStyleAccess ? { "s3.client.default.path_style_access": true } : {}),
            };
        }
        case "sharedFileSystem":
            return { "path.repo": [SNAPSHOT_FOLDER] };
        default:
            return {};
    }
}
