import { SpecGuards, specKinds } from "../kubernetes/customSpec";

/** Places in a pod's template that other keys of the configuration decide, for the component of this name. */
function podGuards(at: string, component: string, container: string): SpecGuards {
    const scheduling = `scheduling.${component}`;
    return Object.fromEntries([
        ...["nodeSelector", "tolerations", "affinity", "priorityClassName"].map((key) => [
            `${at}.spec.${key}`,
            scheduling,
        ]),
        [`${at}.spec.topologySpreadConstraints`, scheduling],
        [`${at}.spec.imagePullSecrets`, "images.pullSecrets"],
        [
            `${at}.spec.containers.${container}.resources`,
            `${component}.memory, or resources.${component}`,
        ],
        [`${at}.spec.containers.${container}.image`, "images.overrides"],
        [`${at}.metadata.labels`, "commonLabels"],
        [`${at}.metadata.annotations`, "commonAnnotations"],
    ]) as SpecGuards;
}

const VERSION = "nothing: templates, roles and programs are made for this version";
const CLIENTS = "nothing: clients trust its certificate and its names";
const SNAPSHOTS = "elasticsearch.snapshots";

/** What of Elasticsearch's spec something rests on. */
const ELASTICSEARCH: SpecGuards = {
    version: VERSION,
    image: "images.overrides",
    auth: "nothing: accounts and roles are made for the stack",
    "http.tls": CLIENTS,
    transport: "nothing: policies open its port to its own nodes alone",
    volumeClaimDeletePolicy: "nothing: volumes outlive their Elasticsearch",
    secureSettings: "elasticsearch.snapshots and snapshotCredentials",
    "nodeSets.*.count": "elasticsearch.nodes",
    "nodeSets.*.resources": "elasticsearch.memory, or resources.elasticsearch",
    "nodeSets.*.volumeClaimTemplates":
        "elasticsearch.storageSize, and storageClasses.elasticsearch",
    "nodeSets.*.config.path.repo": SNAPSHOTS,
    "nodeSets.*.config.path": SNAPSHOTS,
    "nodeSets.*.config.xpack.security": CLIENTS,
    ...podGuards("nodeSets.*.podTemplate", "elasticsearch", "elasticsearch"),
};

/** What of Kibana's spec something rests on. */
const KIBANA: SpecGuards = {
    version: VERSION,
    image: "images.overrides",
    count: "kibana.replicas",
    elasticsearchRef: "nothing: it shows what this stack writes",
    "http.tls": CLIENTS,
    "config.server.publicBaseUrl": "ingress.hosts.kibana",
    "config.server.port": "nothing: the Ingress and policies know the port",
    resources: "kibana.memory, or resources.kibana",
    ...podGuards("podTemplate", "kibana", "kibana"),
};

export const ELASTIC_KINDS = specKinds(__dirname, { Elasticsearch: ELASTICSEARCH, Kibana: KIBANA });
