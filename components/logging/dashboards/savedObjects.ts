import { jaegerTraceUrl } from "../../tracing/traceUrl";
import type { SavedObject } from "../setup/plan";
import { errorAnalysis } from "./errorAnalysis";
import { dataView, FieldLinks } from "./objects";
import { operationAudit } from "./operationAudit";
import { operatorOverview } from "./operatorOverview";
import { performance } from "./performance";
import { VIEWS } from "./views";

/** Everything that Kibana is given: what is referred to comes first. `jaeger`: where people reach it, when they can. */
export function savedObjects(jaeger?: string): SavedObject[] {
    const links: FieldLinks = jaeger ? { trace_id: jaegerTraceUrl(jaeger, "{{value}}") } : {};
    return [
        ...Object.values(VIEWS).map((view) => dataView(view, links)),
        ...operatorOverview(),
        ...errorAnalysis(),
        ...performance(),
        ...operationAudit(),
    ];
}
