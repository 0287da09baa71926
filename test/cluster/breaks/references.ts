import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { textAt, valueAt } from "../../../lab/program/objects";
import type { LiveObjects } from "../wiring/liveObjects";
import { isOfTheCluster } from "../wiring/monitors";
import { Place, places } from "../wiring/places";
import { openedBy } from "../wiring/reachability";
import { Break, changed, removed } from "./break";

/** Where a kind refers to others by labels, names and ports; operators of selectors are the API server's to check. */
const REFERRING: Readonly<Record<string, RegExp>> = {
    ServiceMonitor:
        /^spec\.(selector\..*|namespaceSelector\.matchNames\.\d+|endpoints\.\d+\.(port|targetPort))$/,
    PodMonitor:
        /^spec\.(selector\..*|namespaceSelector\.matchNames\.\d+|podMetricsEndpoints\.\d+\.port)$/,
    Service: /^spec\.(selector\..*|ports\.\d+\.targetPort)$/,
    Ingress: /^spec\.rules\.\d+\.http\.paths\.\d+\.backend\.service\.(name|port\.(name|number))$/,
    NetworkPolicy:
        /^spec\.(podSelector\..*|ingress\.\d+\.(from\.\d+\.(namespace|pod)Selector\..*|ports\.\d+\.port))$/,
    PodDisruptionBudget: /^spec\.selector\..*$/,
    HorizontalPodAutoscaler: /^spec\.(scaleTargetRef\.(kind|name)|metrics\.\d+\..*\bname)$/,
};
/** Of spread constraints and (anti-)affinities, in whatever has pods. */
const PLACEMENT = /\.labelSelector\./;
const OPERATOR = /\.matchExpressions\.\d+\.operator$/;

/** Each label, name and port by which an object of these kinds refers to others, changed. */
export function changedReferences(objects: LiveObjects, ...kinds: readonly string[]): Break[] {
    return written(objects, ...kinds)
        .filter((object) => !/Monitor$/.test(object.kind) || !isOfTheCluster(objects, object))
        .flatMap((object) =>
            places(object.spec, ["spec"])
                .filter((place) => refers(object, place))
                .map((place) => changed(object, place)),
        );
}

/** What the program and its charts wrote; others' controllers made the rest of it, and write it again. */
function written(objects: LiveObjects, ...kinds: readonly string[]): LiveObject[] {
    return objects
        .ours(...kinds)
        .filter(({ metadata }) => !metadata.ownerReferences?.some(({ controller }) => controller));
}

function refers({ kind }: LiveObject, { path, value }: Place): boolean {
    const where = path.join(".");
    return (
        ["string", "number"].includes(typeof value) &&
        (REFERRING[kind] ?? PLACEMENT).test(where) &&
        !OPERATOR.test(where)
    );
}

/** Each label, peer and port of a NetworkPolicy taken away, where that lets in others than before. */
export function removedFromPolicies(objects: LiveObjects): Break[] {
    return written(objects, "NetworkPolicy").flatMap((object) => {
        const opened = openedBy(objects, object).join();
        return places(object.spec, ["spec"])
            .filter(({ path }) => /^spec\.(podSelector|ingress)\./.test(path.join(".")))
            .filter(({ path }) => !OPERATOR.test(path.join(".")))
            .map((place) => removed(object, place))
            .filter(({ broken }) => openedBy(objects, broken).join() !== opened);
    });
}

/** The selector of each NetworkPolicy that closes its namespace, so that it closes nothing. */
export function narrowedPolicies(objects: LiveObjects): Break[] {
    return written(objects, "NetworkPolicy")
        .filter(({ spec }) => Object.keys(valueAt(spec, "podSelector") as object).length === 0)
        .map((object) => {
            const podSelector = { matchLabels: { broken: "broken" } };
            const broken = { ...object, spec: { ...(object.spec as object), podSelector } };
            return { object, what: "spec.podSelector: {} -> of no pod", broken };
        });
}

/** Kinds that others name in a field that says so, or beside a key. */
const NAMED = ["Secret", "ConfigMap", "PersistentVolumeClaim"] as const;
const SAYS_SO = /secret|configmap|claimname/i;

/** Each name of a Secret, a ConfigMap or a volume claim, and each key of one, changed; optional ones may be missing. */
export function changedNamesAndKeys(objects: LiveObjects): Break[] {
    const kinds = [...new Set(objects.all.map(({ kind }) => kind))];
    const referring = kinds.filter((kind) => !NAMED.some((each) => each === kind));
    return written(objects, ...referring).flatMap((object) => {
        const { namespace = "" } = object.metadata;
        const names = NAMED.flatMap((kind) => objects.in(namespace, kind)).map(
            ({ metadata }) => metadata.name,
        );
        return places(object.spec, ["spec"])
            .filter(({ path, value }) => isReference(object, path, value, names))
            .flatMap((place) => [place, ...keysBeside(object, place)])
            .map((place) => changed(object, place));
    });
}

function isReference(
    object: LiveObject,
    path: readonly string[],
    value: unknown,
    names: readonly string[],
): boolean {
    const words = path.filter((each) => !/^\d+$/.test(each)).slice(-2);
    const holder = valueAt(object, ...path.slice(0, -1)) as { key?: string; optional?: boolean };
    return (
        typeof value === "string" &&
        names.includes(value) &&
        (SAYS_SO.test(words.join(".")) || holder.key !== undefined) &&
        holder.optional !== true
    );
}

/** `key` and `items[].key` of the reference whose name is at the place. */
function keysBeside(object: LiveObject, { path }: Place): Place[] {
    const holder = path.slice(0, -1);
    return places(valueAt(object, ...holder), holder).filter((place) =>
        /^(key|items\.\d+\.key)$/.test(place.path.slice(holder.length).join(".")),
    );
}

const FILE = /(?<=\/etc\/alertmanager\/secrets\/)[^\s"']+/g;

/** Each file that a configuration of Alertmanager reads, changed in it. */
export function changedReceiverFiles(objects: LiveObjects): Break[] {
    return objects.ours("Alertmanager").flatMap(({ metadata, spec }) => {
        const { namespace = "" } = metadata;
        const object = objects.find("Secret", namespace, String(valueAt(spec, "configSecret")));
        if (object === undefined) {
            return [];
        }
        const text = Buffer.from(textAt(object, "data", "alertmanager.yaml"), "base64").toString();
        return [...text.matchAll(FILE)].map(({ 0: file, index }) => {
            const other = `${text.slice(0, index)}broken-${text.slice(index)}`;
            const data = { "alertmanager.yaml": Buffer.from(other).toString("base64") };
            return { object, what: `${file} -> broken-${file}`, broken: { ...object, data } };
        });
    });
}
