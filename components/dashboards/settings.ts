import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { name, text } from "../settings/scalars";
import { LinkSettings, offAndLinkedProblems } from "./linkedDashboards";
import { OwnDashboardSettings, ownDashboardProblems } from "./ownDashboards";
import { DASHBOARD_UIDS, DashboardUid, FOLDERS } from "./uids";

const folder = text({
    kind: "folder",
    reader: "Grafana's sidecar, which makes a folder of it",
    allowed: "the name of one folder, without a slash",
    is: (each) =>
        /^[^/\\\p{Cc}]{1,255}$/u.test(each) && each.trim() === each && !/^\.+$/.test(each),
});

/** What a monitor of ours scrapes only where a key says that it is there: until then there is nothing to show. */
const DECLARED: Readonly<Partial<Record<DashboardUid, string>>> = {
    "flux-control-plane": "`true` with `delivery.flux`",
};

const price = (what: string) =>
    z
        .number()
        .min(0, { error: "allowed: 0 or more" })
        .meta({ kind: "a price, 0 or more" })
        .describe(what);

const one = (uid: DashboardUid) => {
    const enabled = z.boolean().describe("Whether it is installed");
    const otherwise = DECLARED[uid];
    return z
        .strictObject({
            enabled:
                otherwise === undefined
                    ? enabled.default(true)
                    : enabled.meta({ otherwise }).optional(),
            folder: folder.describe("Folder of Grafana").default(FOLDERS[uid]),
        })
        .prefault({});
};

const own = Object.fromEntries(DASHBOARD_UIDS.map((uid) => [uid, one(uid)])) as {
    [U in DashboardUid]: ReturnType<typeof one>;
};

const keys = {
    dashboards: z
        .strictObject({
            ...own,
            prices: z
                .strictObject({
                    currency: text({
                        kind: "currency",
                        reader: "Grafana, as a unit",
                        allowed: "three letters, such as USD or EUR",
                        is: (each) => /^[A-Z]{3}$/.test(each),
                    }).describe("Of the prices, by its three letters"),
                    cpu: price("Of a core that is asked for, a month"),
                    memoryGi: price("Of a GiB of memory that is asked for, a month"),
                    storageGi: price("Of a GiB of a volume, a month"),
                })
                .describe("What the capacity dashboard makes a cost of; without them it shows none")
                .optional(),
            extra: z
                .record(
                    name,
                    z.strictObject({
                        file: text({
                            kind: "path",
                            reader: "the program, from the folder of Pulumi.yaml on",
                            allowed: "the path of a file that ends with .json",
                            is: (each) => /^[^\0]+\.json$/.test(each),
                        }).describe("JSON of one dashboard, as Grafana exports it"),
                        folder: folder.describe("Folder of Grafana").default("Applications"),
                        metrics: z
                            .array(
                                text({
                                    kind: "metric",
                                    reader: "Prometheus",
                                    allowed: "the whole name of a metric",
                                    is: (each) => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(each),
                                }),
                            )
                            .describe(
                                "Metrics that it reads and that no part of the stack exposes, by their whole names",
                            )
                            .default([]),
                    }),
                )
                .describe("Dashboards of your own, by a name for each")
                .default({}),
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
export const dashboardsPart: Part<
    typeof keys,
    SettingsOf<typeof keys> & LinkSettings & OwnDashboardSettings
> = {
    keys,
    platformProblems: (settings) => [
        ...offAndLinkedProblems(settings),
        ...ownDashboardProblems(settings),
    ],
};
