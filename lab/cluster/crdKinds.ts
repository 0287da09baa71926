import type { ControlPlane } from "./controlPlane";
import type { LiveObject } from "./kubeClient";

interface CrdSpec {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** Waits until the API server serves the kind of a CRD. */
export async function servedKind(plane: ControlPlane, crd: LiveObject): Promise<void> {
    const { group, names, versions } = crd.spec as CrdSpec;
    for (const { name } of versions.filter(({ served }) => served)) {
        await plane.eventually(`the API server serves ${names.kind}`, 30, () =>
            plane.client.list(`${group}/${name}`, names.kind),
        );
    }
}

/** Gives the API server CRDs, in the name of an owner, and waits until it serves their kinds. */
export async function applyCrds(
    plane: ControlPlane,
    crds: readonly LiveObject[],
    owner: string,
): Promise<void> {
    for (const crd of crds) {
        await plane.client.apply(crd, owner);
        await servedKind(plane, crd);
    }
}
