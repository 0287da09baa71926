import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { broken } from "../settings/read";
import { ca, hostPort, name, scrapeInterval, url } from "../settings/scalars";

const probe = z.strictObject({
    url: url.describe("Page that must answer 2xx, after redirects").optional(),
    tcp: hostPort
        .describe("Port that must take a connection; of TLS where there is a `ca`")
        .optional(),
    interval: scrapeInterval.describe("Between two probes").default("60s"),
    ca: ca.describe("Authority of the endpoint's certificate").optional(),
});

export type ProbeSettings = z.output<typeof probe>;

const keys = {
    probes: z
        .record(name, probe)
        .describe(
            "Endpoints that are asked from within the cluster, by a name of your own: [probes](components/probes.md)",
        )
        .default({}),
    certificates: z
        .strictObject({
            probed: z
                .boolean()
                .describe(
                    "Whether the certificates of servers in the cluster are watched for their end: of Elasticsearch, of the collector with `jaeger.otlpTls`, and of Redis with `tls`",
                )
                .default(true),
        })
        .prefault({}),
};

export type ProbesSettings = SettingsOf<typeof keys>;

/** What the rules read of other parts. */
interface Declared {
    readonly cluster: { readonly role: "owner" | "tenant" };
    readonly components: { readonly prometheus: "on" | "existing" };
    readonly ingress: {
        readonly enabled: boolean;
        readonly probed: boolean;
        readonly hosts: Readonly<Partial<Record<string, string>>>;
    };
}

/** Endpoints that are asked from within the cluster. */
export const probesPart: Part<typeof keys, ProbesSettings & Declared> = {
    keys,
    problems: (settings) => broken(settings, [endpointProblems, tenantProblems]),
    platformProblems: (settings) => broken(settings, [prometheusProblems, nameProblems]),
};

function endpointProblems({ probes }: ProbesSettings): Problem[] {
    return Object.entries(probes)
        .filter(([, { url: page, tcp }]) => (page === undefined) === (tcp === undefined))
        .map(([each, { url: page }]) => ({
            path: `probes.${each}`,
            got: page === undefined ? "neither url nor tcp" : "both url and tcp",
            allowed: "one of them: another probe has another name",
        }));
}

function tenantProblems({ probes, cluster }: ProbesSettings & Declared): Problem[] {
    return cluster.role === "owner"
        ? []
        : Object.keys(probes).map((each) => ({
              path: `probes.${each}`,
              got: "a probe of a tenant",
              allowed:
                  "nothing in a tenant, whose owner has the exporter: set it in the owner's stack",
          }));
}

/** Our exporter stands in a namespace of ours, which somebody's Prometheus has none of. */
function prometheusProblems({ probes, components, ingress }: ProbesSettings & Declared): Problem[] {
    const wanted = [
        ...Object.keys(probes).map((each) => `probes.${each}`),
        ...(ingress.probed ? ["ingress.probed"] : []),
    ];
    return components.prometheus === "on"
        ? []
        : wanted.map((path) => ({
              path,
              got: "a probe beside somebody's Prometheus",
              allowed: "nothing, or components.prometheus: on: the exporter stands beside it",
          }));
}

/** Of our own pages, the names of the endpoints are taken. */
function nameProblems({ probes, ingress }: ProbesSettings & Declared): Problem[] {
    if (!ingress.probed) {
        return [];
    }
    return [
        ...(ingress.enabled
            ? []
            : [
                  {
                      path: "ingress.probed",
                      got: show(ingress.probed),
                      allowed: "false, or ingress.enabled: true: there is no page outside",
                  },
              ]),
        ...Object.keys(probes)
            .filter((each) => each in ingress.hosts)
            .map((each) => ({
                path: `probes.${each}`,
                got: show(each),
                allowed: "another name: ingress.probed has a probe of this name",
            })),
    ];
}
