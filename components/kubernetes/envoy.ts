/** Where Istio's proxies expose their metrics, https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio. */
export const ENVOY_PORT = 15090;

/** Of thousands of series of each proxy, those that alerts, canaries and dashboards of a mesh read. */
const KEPT = [
    "istio_requests_total",
    "istio_request_duration_milliseconds_(bucket|sum|count)",
    "istio_tcp_(sent|received)_bytes_total",
    "istio_tcp_connections_(opened|closed)_total",
    "envoy_server_(live|uptime)",
];

/** The part of a target that all proxies share: their container names the port. */
export const ENVOY = {
    port: "http-envoy-prom",
    path: "/stats/prometheus",
    keepMetrics: KEPT,
} as const;
