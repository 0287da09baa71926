import type { Cluster, ObjectReference } from "../../components/stack/cluster";
import {
    describeRecord,
    HelmRecord,
    helmRecords,
    isPending,
} from "../../components/stack/helmRecords";
import { markOfObject } from "../../components/stack/ownership";
import { PULUMI } from "../../components/settings/pending";
import type { Registration } from "../../lab/program/program";

/** What of `pulumi stack export` tells how far the last update came. */
export interface ExportedState {
    readonly deployment: {
        readonly resources?: readonly { readonly urn: string; readonly type: string }[];
        readonly pending_operations?: readonly {
            readonly resource: { readonly urn: string };
            /** Such as `creating`. */
            readonly type: string;
        }[];
    };
}

/** What an interrupted update left, with what becomes of it. */
export type Finding =
    /** The next update does it, or refuses it: nothing to do here. */
    | { readonly what: string; readonly then: string; readonly fix?: undefined }
    /** Done by `npm run recover -- --stack X --apply`. */
    | { readonly what: string; readonly then: string; readonly fix: Fix };

export type Fix =
    | { readonly kind: "mark"; readonly object: ObjectReference }
    | { readonly kind: "forgetRecord"; readonly namespace: string; readonly secret: string }
    | { readonly kind: "clearPending" }
    | { readonly kind: "removeFile"; readonly file: string };

export interface Comparison {
    readonly stack: string;
    /** The stack's full name, which its objects and releases are marked with. */
    readonly mark: string;
    readonly state: ExportedState;
    /** What the program declares for the stack. */
    readonly declared: readonly Registration[];
    readonly cluster: Cluster;
}

const RELEASE = "kubernetes:helm.sh/v3:Release";
const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const PART_OF = "app.kubernetes.io/part-of";

/** Compares program, state and cluster; asks, and changes nothing. */
export async function findings(comparison: Comparison): Promise<Finding[]> {
    const { state, declared } = comparison;
    const recorded = new Set(
        (state.deployment.resources ?? []).map(({ urn, type }) => `${type}::${nameOf(urn)}`),
    );
    const isRecorded = ({ type, name }: Registration) => recorded.has(`${type}::${name}`);
    const ours = declared.filter(({ type }) => type.startsWith("kubernetes:"));
    const objects = ours
        .filter((each) => each.type !== RELEASE && each.type !== CRD && !isRecorded(each))
        .map((each) => objectFindings(each, comparison));
    const releases = ours
        .filter(({ type }) => type === RELEASE)
        .map((each) => releaseFindings(each, isRecorded(each), comparison));
    const found = await Promise.all([...objects, ...releases]);
    return [...pendingFindings(comparison), ...found.flat()];
}

function pendingFindings({ state, stack }: Comparison): Finding[] {
    const pending = state.deployment.pending_operations ?? [];
    return pending.length === 0
        ? []
        : [
              {
                  what: `the state has ${pending.length} operations that began and did not end: ${pending
                      .map(({ type, resource }) => `${type} ${nameOf(resource.urn)}`)
                      .join(", ")}`,
                  then: `every update warns of them until \`${PULUMI} refresh --clear-pending-creates --stack ${stack}\` has run; best after the next \`${PULUMI} up\``,
                  fix: { kind: "clearPending" },
              },
          ];
}

async function objectFindings(
    { inputs }: Registration,
    { cluster, mark }: Comparison,
): Promise<Finding[]> {
    const object = reference(inputs);
    const found = object && (await cluster.find(object));
    if (!object || !found) {
        return [];
    }
    const what = `${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name} is in the cluster and not in the state`;
    const owner = markOfObject(found.annotations);
    if (owner === mark) {
        return [{ what, then: "the next update takes it over" }];
    }
    if (owner !== undefined) {
        return [{ what, then: `stack "${owner}" made it: the next update refuses` }];
    }
    return found.labels[PART_OF] === "observability"
        ? [
              {
                  what,
                  then: "it has our label and no stack's mark, as an earlier version made it: the next update refuses until it is marked as this stack's",
                  fix: { kind: "mark", object },
              },
          ]
        : [{ what, then: "it is nobody's that is known here: the next update refuses" }];
}

async function releaseFindings(
    { inputs }: Registration,
    isRecorded: boolean,
    { cluster, mark, stack }: Comparison,
): Promise<Finding[]> {
    const { name, namespace, chart } = inputs as Record<string, string>;
    if (!name || !namespace) {
        return [];
    }
    const records = helmRecords(await cluster.helmSecrets(namespace, name));
    const [latest] = records;
    if (latest === undefined) {
        return isRecorded
            ? [
                  {
                      what: `Helm has no record of ${namespace}/${name}, which the state has`,
                      then: `\`${PULUMI} up --refresh --stack ${stack}\` installs it again`,
                  },
              ]
            : [];
    }
    if (isRecorded) {
        return isPending(latest)
            ? [
                  {
                      what: describeRecord(latest),
                      then: `\`${PULUMI} up --refresh --stack ${stack}\` compares it with what Helm began, and upgrades it`,
                  },
              ]
            : [];
    }
    return unrecorded(records, latest, mark, chart);
}

function unrecorded(
    records: readonly HelmRecord[],
    latest: HelmRecord,
    mark: string,
    chart: string | undefined,
): Finding[] {
    const what = `${describeRecord(latest)}, is in the cluster and not in the state`;
    if (latest.mark === mark) {
        return [{ what, then: "the next update installs it over what is there" }];
    }
    if (latest.mark !== undefined) {
        return [{ what, then: `stack "${latest.mark}" made it: the next update refuses` }];
    }
    if (latest.chart === undefined || !chart?.includes(latest.chart)) {
        return [{ what, then: `it is of the chart ${latest.chart}: the next update refuses` }];
    }
    return records.map((record) => ({
        what: `${describeRecord(record)}, is in the cluster and not in the state`,
        then: "no stack marked it, as an earlier version made it: the next update refuses until Helm's record of it is gone, and then installs over what is there",
        fix: { kind: "forgetRecord", namespace: record.namespace, secret: record.secret },
    }));
}

function reference(inputs: Record<string, unknown>): ObjectReference | undefined {
    const { apiVersion, kind, metadata } = inputs as Partial<ObjectReference> & {
        readonly metadata?: Partial<ObjectReference>;
    };
    return apiVersion && kind && metadata?.name
        ? { apiVersion, kind, name: metadata.name, namespace: metadata.namespace }
        : undefined;
}

function nameOf(urn: string): string {
    return urn.slice(urn.lastIndexOf("::") + 2);
}
