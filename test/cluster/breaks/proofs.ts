import { EDGES } from "../edges";
import type { LiveObjects } from "../wiring/liveObjects";
import { brokenMonitors } from "../wiring/monitors";
import { networkDifferences } from "../wiring/reachability";
import { brokenReferences } from "../wiring/secrets";
import { brokenSelectors, PLACING } from "../wiring/selectors";
import type { Break } from "./break";
import {
    changedNamesAndKeys,
    changedReceiverFiles,
    changedReferences,
    narrowedPolicies,
    removedFromPolicies,
} from "./references";

export interface Proof {
    readonly what: string;
    readonly breaks: (objects: LiveObjects) => readonly Break[];
    readonly check: (objects: LiveObjects, namespace: string) => readonly string[];
}

/** Every way to break a reference, and the check that must see it. */
export const PROOFS: readonly Proof[] = [
    {
        what: "a label, a namespace or a port of a monitor",
        breaks: (objects) => changedReferences(objects, "ServiceMonitor", "PodMonitor"),
        check: brokenMonitors,
    },
    {
        what: "a selector, port or target of a Service, an Ingress, a budget, an autoscaler or a spread of pods",
        breaks: (objects) =>
            changedReferences(
                objects,
                ...["Service", "Ingress", "PodDisruptionBudget", "HorizontalPodAutoscaler"],
                ...PLACING,
            ),
        check: brokenSelectors,
    },
    {
        what: "a selector, a peer or a port of a NetworkPolicy",
        breaks: (objects) => [
            ...changedReferences(objects, "NetworkPolicy"),
            ...removedFromPolicies(objects),
            ...narrowedPolicies(objects),
        ],
        check: (objects, namespace) => [
            ...brokenSelectors(objects),
            ...networkDifferences(objects, EDGES, [namespace]),
        ],
    },
    {
        what: "a name or a key of a Secret, a ConfigMap or a volume claim",
        breaks: (objects) => [...changedNamesAndKeys(objects), ...changedReceiverFiles(objects)],
        check: brokenReferences,
    },
];
