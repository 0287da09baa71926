import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { textAt, valueAt } from "../../../lab/program/objects";
import { describeObject } from "../stack";
import type { LiveObjects } from "./liveObjects";
import { Place, places } from "./places";

/** Kinds whose specs refer to Secrets and ConfigMaps; an Ingress' certificate is the user's. */
const REFERRING = [
    ...["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"],
    ...["Redis", "RedisReplication", "RedisSentinel", "RedisCluster"],
    ...["Elasticsearch", "Kibana", "Prometheus", "Alertmanager"],
    ...["ServiceMonitor", "PodMonitor"],
];

/** A name, and the keys that whoever reads it expects. */
interface Reference {
    readonly kind: "Secret" | "ConfigMap" | "PersistentVolumeClaim";
    readonly name: string;
    /** Sets of keys of which one must be there. */
    readonly keys: readonly (readonly string[])[];
    readonly where: string;
}

/** References to a Secret, a ConfigMap or a volume claim, or to a key, that is not there. */
export function brokenReferences(objects: LiveObjects): string[] {
    const all = objects
        .ours(...REFERRING)
        .flatMap((object) =>
            references(object).flatMap((reference) => unmet(objects, object, reference)),
        );
    return [...new Set([...all, ...missingReceiverFiles(objects)])];
}

function unmet(objects: LiveObjects, object: LiveObject, reference: Reference): string[] {
    const { kind, name, keys, where } = reference;
    const { namespace = "" } = object.metadata;
    const found = objects.find(kind, namespace, name);
    const from = `${describeObject(object)}: ${where}`;
    if (!found) {
        return [`${from} names ${kind} ${namespace}/${name}, which is not there`];
    }
    const present = keysOf(found);
    const complete =
        keys.length === 0 || keys.some((set) => set.every((key) => present.includes(key)));
    const wanted = keys.map((set) => set.join(" and ")).join(", or ");
    return complete
        ? []
        : [
              `${from} needs ${wanted} of ${kind} ${namespace}/${name}, which has ${present.join(", ")}`,
          ];
}

function keysOf(object: LiveObject): string[] {
    return [...Object.keys(object.data ?? {}), ...Object.keys(object.binaryData ?? {})];
}

interface Named {
    readonly name?: unknown;
    readonly secretName?: unknown;
    readonly key?: string;
    readonly optional?: boolean;
    readonly items?: readonly { readonly key: string }[];
}

function references({ kind, spec }: LiveObject): Reference[] {
    // A StatefulSet's pods name their own claims.
    return places(spec, ["spec"])
        .flatMap(reference)
        .filter((each) => kind !== "StatefulSet" || each.kind !== "PersistentVolumeClaim");
}

/** What ECK reads from a Secret that an Elasticsearch names, by where it is named. */
const KEYS_BY_PATH: readonly (readonly [RegExp, Reference["keys"]])[] = [
    [/^spec\.auth\.fileRealm\./, [["username", "password", "roles"]]],
    [/^spec\.auth\.roles\./, [["roles.yml"]]],
    [
        /^spec\.http\.tls\.certificate\./,
        [
            ["ca.crt", "ca.key"],
            ["tls.crt", "tls.key"],
        ],
    ],
];

function reference({ path, value }: Place): Reference[] {
    const where = path.join(".");
    const named = value as Named | null;
    if (named?.optional) {
        return [];
    }
    const one = (kind: Reference["kind"], name: unknown, keys: Reference["keys"]): Reference[] =>
        typeof name === "string" ? [{ kind, name, keys, where }] : [];
    const keys = [named?.key ?? [], named?.items?.map((each) => each.key) ?? []].flat();
    const all = keys.length > 0 ? [keys] : [];
    switch (path.at(-1)) {
        case "claimName":
            return one("PersistentVolumeClaim", value, []);
        case "secretName":
            // A volume's is read with its items, one level up.
            if (path.at(-2) === "secret") {
                return [];
            }
            return one("Secret", value, KEYS_BY_PATH.find(([at]) => at.test(where))?.[1] ?? []);
        case "configSecret":
            return one("Secret", value, [["alertmanager.yaml"], ["alertmanager.yaml.gz"]]);
        case "secret":
        case "secretRef":
        case "secretKeyRef":
        case "redisSecret":
            return one("Secret", named?.name ?? named?.secretName, all);
        case "configMap":
        case "configMapRef":
        case "configMapKeyRef":
            return one("ConfigMap", named?.name, all);
        case "imagePullSecrets":
            return (value as readonly Named[]).flatMap((each) => one("Secret", each.name, []));
        case "secrets":
            // Names of Secrets that Prometheus or Alertmanager mounts.
            return (Array.isArray(value) ? value : []).flatMap((name) => one("Secret", name, []));
        default:
            return [];
    }
}

/** Alertmanager's configuration reads receivers' secrets from files, which are keys of the Secrets that it mounts. */
function missingReceiverFiles(objects: LiveObjects): string[] {
    return objects.ours("Alertmanager").flatMap((alertmanager) => {
        const { namespace = "" } = alertmanager.metadata;
        const mounted = (valueAt(alertmanager, "spec", "secrets") ?? []) as readonly string[];
        const name = String(valueAt(alertmanager, "spec", "configSecret"));
        const config = objects.find("Secret", namespace, name);
        const data = config && textAt(config, "data", "alertmanager.yaml");
        const text = Buffer.from(data ?? "", "base64").toString();
        const files = [...text.matchAll(/\/etc\/alertmanager\/secrets\/([^/\s"']+)\/([^\s"']+)/g)];
        return files.flatMap(([file, secret = "", key = ""]) => {
            const found = objects.find("Secret", namespace, secret);
            const there = mounted.includes(secret) && found && keysOf(found).includes(key);
            return there
                ? []
                : [
                      `${describeObject(alertmanager)}: its configuration, Secret ${namespace}/${name}, reads ${file}, and ` +
                          `Secret ${namespace}/${secret} with the key ${key} is not mounted`,
                  ];
        });
    });
}
