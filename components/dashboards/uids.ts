/** Folders of Grafana, in which a reader looks for a dashboard. */
export const FOLDERS = {
    home: "Platform",
    "redis-operator": "Redis",
    "redis-instance": "Redis",
    "redis-sentinel": "Redis",
    "redis-cluster": "Redis",
    "redis-performance": "Redis",
    flux: "Delivery",
    "flux-control-plane": "Delivery",
    argocd: "Delivery",
    rollouts: "Delivery",
    application: "Applications",
    "logs-pipeline": "Platform",
    "traces-pipeline": "Platform",
    slo: "Platform",
    backups: "Platform",
    probes: "Platform",
    alerts: "Platform",
    capacity: "Platform",
} as const;

/** Uids of our dashboards: fixed, part of their address, and the keys of their settings. */
export type DashboardUid = keyof typeof FOLDERS;
export const DASHBOARD_UIDS = Object.keys(FOLDERS) as DashboardUid[];
