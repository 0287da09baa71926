import type { DrillPlan } from "./drillPlan";
import { patienceOf, runProgram, server } from "./environment";
import { removeLeftovers, tryRestore } from "./restores";
import { newestSnapshot, samples } from "./snapshots";

/** Restores the newest indices of every stream from the newest snapshot, one after the other, and counts. */
runProgram(async (plan: DrillPlan) => {
    const patience = patienceOf(plan);
    const elasticsearch = server("ELASTICSEARCH");
    await removeLeftovers(elasticsearch, plan.prefix, patience);
    const newest = await newestSnapshot(elasticsearch, plan, patience);
    const path = `/_snapshot/${plan.repository}/${newest.snapshot}`;
    const source = { snapshot: path, prefix: plan.prefix };
    const indices = plan.streams.flatMap((stream) => samples(newest, stream));
    let documents = 0;
    for (const sample of indices) {
        documents += await tryRestore(elasticsearch, source, sample, patience);
    }
    if (documents === 0) {
        throw new Error(`not one document came back of ${indices.length} indices`);
    }
    console.log(`Done: ${indices.length} indices with ${documents} documents came back`);
});
