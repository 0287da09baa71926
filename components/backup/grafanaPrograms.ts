import * as pulumi from "@pulumi/pulumi";

import { clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import { IMAGES } from "../versions";
import { EXPORT, Program, WORK } from "./backupPods";

/** Where the drill's own Grafana listens: in its pod, for nobody else. */
const SCRATCH_PORT = "3000";

/** What exports Grafana's content, tries it and restores it; `adminSecret` has `admin-user` and `admin-password`. */
export function grafanaPrograms(
    grafana: ServiceEndpoint,
    adminSecret: pulumi.Input<string>,
): { readonly exporters: Program[]; readonly trial: Program; readonly restorer: Program } {
    const url = { name: "GRAFANA_URL", value: clusterUrl(grafana) };
    const tokenFile = { name: "TOKEN_FILE", value: `${WORK}/token` };
    const admin = (name: string, key: string) => ({
        name,
        valueFrom: { secretKeyRef: { name: adminSecret, key } },
    });
    const login = [
        admin("GRAFANA_USER", "admin-user"),
        admin("GRAFANA_PASSWORD", "admin-password"),
    ];
    return {
        exporters: [
            {
                name: "token",
                image: IMAGES.node,
                script: "grafana-token.mjs",
                env: [url, tokenFile, ...login],
            },
            {
                name: "export",
                image: IMAGES.node,
                script: "export-grafana.mjs",
                memory: "256Mi",
                env: [url, tokenFile, EXPORT],
            },
        ],
        trial: {
            name: "drill",
            image: IMAGES.grafana,
            script: "drill-grafana.sh",
            memory: "512Mi",
            env: Object.entries({
                GRAFANA_COMMAND: "/run.sh",
                GF_PATHS_DATA: `${WORK}/grafana`,
                GF_PATHS_LOGS: `${WORK}/grafana/log`,
                GF_PATHS_PLUGINS: `${WORK}/grafana/plugins`,
                GF_PATHS_PROVISIONING: `${WORK}/grafana/provisioning`,
                GF_SERVER_HTTP_ADDR: "127.0.0.1",
                GF_SERVER_HTTP_PORT: SCRATCH_PORT,
                // A drill sends no alert and asks nobody anything.
                GF_UNIFIED_ALERTING_EXECUTE_ALERTS: "false",
                GF_ANALYTICS_REPORTING_ENABLED: "false",
                GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
                GF_PLUGINS_PREINSTALL_DISABLED: "true",
            }).map(([name, value]) => ({ name, value })),
        },
        restorer: {
            name: "restore",
            // It has curl.
            image: IMAGES.grafana,
            script: "restore-grafana.sh",
            env: [
                url,
                ...login,
                { name: "GRAFANA_LOGIN", value: "$(GRAFANA_USER):$(GRAFANA_PASSWORD)" },
            ],
        },
    };
}
