import * as pulumi from "@pulumi/pulumi";

import { PULUMI } from "../settings/pending";
import type { Declared } from "./declarations";
import { plainAt, Recorded, textIn } from "./recordedState";

/** A resource that holds data and that the next update would delete, or delete and make anew. */
export interface Loss {
    /** The resource's name in the program, which `dataProtection.allowReplace` takes. */
    readonly name: string;
    readonly what: string;
    /** What happens to the data, in words. */
    readonly effect: string;
}

const REDIS =
    /^kubernetes:redis\.redis\.opstreelabs\.in\/[^:]+:(Redis|RedisReplication|RedisCluster)$/;
const ELASTICSEARCH = /^kubernetes:elasticsearch\.k8s\.elastic\.co\/[^:]+:Elasticsearch$/;
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const PASSWORD = "random:index/randomPassword:RandomPassword";

/** What of the data goes with a resource of this kind; undefined when it holds none. */
export function dataOf(type: string, name: string): string | undefined {
    if (REDIS.test(type)) {
        return "its pods stop and clients lose their connection; the volumes stay, and nothing reads them under another name";
    }
    if (ELASTICSEARCH.test(type)) {
        return "ECK deletes its volumes with it: every log, trace and saved object is lost";
    }
    if (type === CLAIM) {
        return "the claim and what is on its volume are deleted";
    }
    if (type === NAMESPACE) {
        return "everything in the namespace is deleted, with every volume that is claimed in it";
    }
    if (type === RELEASE && name.startsWith("kube-prometheus-stack")) {
        return "Prometheus, Alertmanager and Grafana stop; Grafana's volume is deleted, the others are bound to nothing";
    }
    if (type === PASSWORD && name.endsWith("-store-password")) {
        return "the key of the namespace's backups is lost: none of them can be read without it";
    }
    return undefined;
}

/**
 * What the state has that holds data and the program would delete or replace: gone from the program, or with a name,
 * namespace, or StorageClass that cannot be changed in place. A property that is an Output is not compared: it follows
 * a resource that is.
 */
export function losses(recorded: readonly Recorded[], declared: readonly Declared[]): Loss[] {
    const byKey = new Map(declared.map((each) => [key(each), each]));
    return recorded.flatMap((before): Loss[] => {
        const effect = dataOf(before.type, before.name);
        if (effect === undefined) {
            return [];
        }
        const after = byKey.get(key(before));
        const what = `${before.type.slice(before.type.lastIndexOf(":") + 1)} ${place(before)}`;
        if (after === undefined) {
            return [{ name: before.name, what: `${what} would be deleted`, effect }];
        }
        const moved = replacedBy(before, after);
        return moved.length === 0
            ? []
            : [
                  {
                      name: before.name,
                      what: `${what} would be deleted and made anew, since ${moved.join(" and ")}`,
                      effect,
                  },
              ];
    });
}

/** One text with every loss, and how each is allowed. */
export function formatLosses(found: readonly Loss[], stack: string): string {
    const count =
        found.length === 1 ? "1 resource that holds" : `${found.length} resources that hold`;
    return [
        `Stack "${stack}" would lose ${count} data; nothing was registered.`,
        ...found.map(({ name, what, effect }) => `  ${name}: ${what}; ${effect}`),
        "Take the change back, or, where the loss is meant, name each one:",
        ...found.map(
            ({ name }, at) =>
                `  ${PULUMI} config set --path 'observability:dataProtection.allowReplace[${at}]' ${name} --stack ${stack}`,
        ),
        "docs/changes.md says what each key changes, and how to keep the data.",
    ].join("\n");
}

function key({ type, name }: { readonly type: string; readonly name: string }): string {
    return `${type}::${name}`;
}

function place({ outputs, name }: Recorded): string {
    const parts = [
        textIn(outputs, "metadata", "namespace"),
        textIn(outputs, "metadata", "name") ?? textIn(outputs, "name") ?? name,
    ];
    return parts.filter((part) => part !== undefined).join("/");
}

const FIXED: readonly (readonly string[])[] = [
    ["metadata", "name"],
    ["metadata", "namespace"],
    ["spec", "storageClassName"],
    ["namespace"],
    ["name"],
];

function replacedBy({ type, outputs }: Recorded, { props }: Declared): string[] {
    // The Kubernetes provider keeps what was asked for beside what the API server made of it.
    const inputs = outputs.__inputs ?? outputs;
    return FIXED.flatMap((path) => {
        const before = textIn(inputs, ...path);
        const given = plainAt(props, path);
        const claim = type === CLAIM && path[0] === "spec";
        if (pulumi.Output.isInstance(given) || (path[0] === "spec" && !claim)) {
            return [];
        }
        const after = typeof given === "string" ? given : undefined;
        // A claim without a StorageClass has the cluster's default, and the provider replaces it for any name.
        if (before === after || (!claim && (before === undefined || after === undefined))) {
            return [];
        }
        const shown = (text: string | undefined) => (text ? `"${text}"` : "the default");
        return [`${path.join(".")} changes from ${shown(before)} to ${shown(after)}`];
    });
}
