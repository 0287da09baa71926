import type { Registration } from "../../lab/program/program";

/** The resources as a tree of their parents, one line each: `type name`, in the order of registration. */
export function resourceTree(registrations: readonly Registration[]): string[] {
    const children = new Map<string, Registration[]>();
    const known = new Set(registrations.map(({ urn }) => urn));
    for (const registration of registrations) {
        const parent = known.has(registration.parent) ? registration.parent : "";
        children.set(parent, [...(children.get(parent) ?? []), registration]);
    }
    const lines = (parent: string, depth: number): string[] =>
        // By name: promises settle in another order at each run.
        [...(children.get(parent) ?? [])]
            .sort((a, b) => a.urn.localeCompare(b.urn))
            .flatMap(({ type, name, urn, protect }) => [
                `${"  ".repeat(depth)}${shortType(type)} ${name}${protect ? " (protected)" : ""}`,
                ...lines(urn, depth + 1),
            ]);
    return lines("", 0);
}

/** `kubernetes:apps/v1:Deployment` -> `Deployment`. */
function shortType(type: string): string {
    return type.slice(type.lastIndexOf(":") + 1);
}
