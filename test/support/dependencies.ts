import type { ProgramRun, Registration } from "../../lab/program/program";

/** URNs of everything that must exist before a resource, directly or through others. */
export function dependenciesOf({ registrations }: ProgramRun, resource: Registration): Set<string> {
    const known = new Map(registrations.map((each) => [each.urn, each]));
    const found = new Set<string>();
    const visit = ({ dependencies }: Registration): void => {
        for (const urn of dependencies.filter((each) => !found.has(each))) {
            found.add(urn);
            const next = known.get(urn);
            if (next) {
                visit(next);
            }
        }
    };
    visit(resource);
    return found;
}
