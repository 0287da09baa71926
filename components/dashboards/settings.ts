import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { text } from "../settings/scalars";
import { DASHBOARD_UIDS, DashboardUid, FOLDERS } from "./uids";

const folder = text({
    kind: "folder",
    reader: "Grafana's sidecar, which makes a folder of it",
    allowed: "the name of one folder, without a slash",
    is: (each) =>
        /^[^/\\\p{Cc}]{1,255}$/u.test(each) && each.trim() === each && !/^\.+$/.test(each),
});

const one = (uid: DashboardUid) =>
    z
        .strictObject({
            enabled: z.boolean().describe("Whether it is installed").default(true),
            folder: folder.describe("Folder of Grafana").default(FOLDERS[uid]),
        })
        .prefault({});

const own = Object.fromEntries(DASHBOARD_UIDS.map((uid) => [uid, one(uid)])) as {
    [U in DashboardUid]: ReturnType<typeof one>;
};

const keys = {
    dashboards: z
        .strictObject({
            ...own,
            kubernetes: z
                .strictObject({
                    folder: folder.describe("Folder of Grafana").default("Kubernetes"),
                    multicluster: z
                        .boolean()
                        .describe(
                            "Whether they ask for a cluster: for a Grafana before the Prometheus of several",
                        )
                        .default(false),
                })
                .describe("The dashboards of kube-prometheus-stack")
                .prefault({}),
        })
        .describe("Which dashboards there are, and in which folders of Grafana")
        .prefault({}),
};

export type DashboardSettings = SettingsOf<typeof keys>["dashboards"];

/** Grafana's dashboards. */
export const dashboardsPart: Part<typeof keys, SettingsOf<typeof keys>> = { keys };
