import type { SavedObject } from "../setup/plan";
import { errorAnalysis } from "./errorAnalysis";
import { dataView } from "./objects";
import { operationAudit } from "./operationAudit";
import { operatorOverview } from "./operatorOverview";
import { performance } from "./performance";
import { VIEWS } from "./views";

/** Everything that Kibana is given: what is referred to comes first. */
export function savedObjects(): SavedObject[] {
    return [
        ...Object.values(VIEWS).map(dataView),
        ...operatorOverview(),
        ...errorAnalysis(),
        ...performance(),
        ...operationAudit(),
    ];
}
