/** Folders of Grafana, in which a reader looks for a dashboard. */
export const FOLDERS = {
    home: "Platform",
    "redis-instance": "Redis",
    "redis-sentinel": "Redis",
} as const;

/** Uids of our dashboards: fixed, part of their address, and the keys of their settings. */
export type DashboardUid = keyof typeof FOLDERS;
export const DASHBOARD_UIDS = Object.keys(FOLDERS) as DashboardUid[];
