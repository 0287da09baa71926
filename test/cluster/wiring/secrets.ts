import { textAt, valueAt } from "../../support/objects";
import type { LiveObject } from "../kubeClient";
import { describeObject } from "../stack";
import type { LiveObjects } from "./liveObjects";

/** Kinds whose specs refer to Secrets and ConfigMaps; an Ingress' certificate is the user's. */
const REFERRING = [
    ...["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"],
    ...["Redis", "RedisReplication", "RedisSentinel", "RedisCluster"],
    ...["Elasticsearch", "Kibana", "Prometheus", "Alertmanager"],
];

/** A name, and the keys that whoever reads it expects. */
interface Reference {
    readonly kind: "Secret" | "ConfigMap";
    readonly name: string;
    /** Sets of keys of which one must be there. */
    readonly keys: readonly (readonly string[])[];
    readonly where: string;
}

/** References to a Secret or ConfigMap, or to a key of one, that is not there. */
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
    readonly key?: string;
    readonly optional?: boolean;
    readonly items?: readonly { readonly key: string }[];
}

function references(object: LiveObject): Reference[] {
    return walk(object.spec, ["spec"]);
}

function walk(value: unknown, path: readonly string[]): Reference[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    const here = Object.entries(value).flatMap(([key, each]) =>
        reference(key, each, [...path, key]),
    );
    const below = Object.entries(value).flatMap(([key, each]) => walk(each, [...path, key]));
    return [...here, ...below];
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

function reference(key: string, value: unknown, path: readonly string[]): Reference[] {
    const where = path.join(".");
    const named = value as Named | null;
    if (named?.optional) {
        return [];
    }
    const one = (kind: Reference["kind"], name: unknown, keys: Reference["keys"]): Reference[] =>
        typeof name === "string" ? [{ kind, name, keys, where }] : [];
    const key1 = (): Reference["keys"] => [[named?.key ?? ""]];
    const items = (): Reference["keys"] =>
        named?.items ? [named.items.map((each) => each.key)] : [];
    switch (key) {
        case "secretKeyRef":
        case "redisSecret":
            return one("Secret", named?.name, key1());
        case "configMapKeyRef":
            return one("ConfigMap", named?.name, key1());
        case "secretName":
            return one("Secret", value, KEYS_BY_PATH.find(([at]) => at.test(where))?.[1] ?? []);
        case "configSecret":
            return one("Secret", value, [["alertmanager.yaml"], ["alertmanager.yaml.gz"]]);
        case "secret":
        case "secretRef":
            return one("Secret", named?.name, items());
        case "configMap":
        case "configMapRef":
            return one("ConfigMap", named?.name, items());
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
                      `${describeObject(alertmanager)}: its configuration reads ${file}, and ` +
                          `Secret ${namespace}/${secret} with the key ${key} is not mounted`,
                  ];
        });
    });
}
