import type { SavedObject } from "../setup/plan";
import { errorAnalysis } from "./errorAnalysis";
import { dataView, FieldLinks } from "./objects";
import { operationAudit } from "./operationAudit";
import { operatorOverview } from "./operatorOverview";
import { performance } from "./performance";
import { VIEWS } from "./views";

/** The URL of a trace's page; the id may be a variable of whoever shows the link. */
export type TraceUrl = (id: string) => string;

/** Everything that Kibana is given: what is referred to comes first. `traceUrl`: where people can reach traces. */
export function savedObjects(traceUrl?: TraceUrl): SavedObject[] {
    const links: FieldLinks = traceUrl ? { trace_id: traceUrl("{{value}}") } : {};
    return [
        ...Object.values(VIEWS).map((view) => dataView(view, links)),
        ...operatorOverview(),
        ...errorAnalysis(),
        ...performance(),
        ...operationAudit(),
    ];
}
