import assert from "node:assert/strict";

import { eventually, isOnPath } from "../../lab/tools/commands";
import { skip } from "../support/skip";
import { EXPORTER, Listening, startExporter } from "./clients";
import { ElasticWorld, elasticWorld, setUp } from "./world";

describe("Elasticsearch: its exporter, as its user", function () {
    this.timeout(120_000);
    let world: ElasticWorld;
    let exporter: Listening;

    before(async function () {
        if (!isOnPath(EXPORTER)) {
            skip(this, `no ${EXPORTER} on the PATH, which Debian has as a package`);
        }
        world = await elasticWorld(this);
        await setUp(world);
        exporter = await startExporter(world);
    });
    after(() => exporter?.stop());

    it("scrapes what the alerts read, and is refused nothing", async () => {
        const text = await eventually("it has scraped", 60, async () => {
            const answer = await fetch(`http://127.0.0.1:${exporter.ports.get(9108)}/metrics`);
            const body = await answer.text();
            return /^elasticsearch_slm_stats_up 1$/m.test(body) ? body : undefined;
        }).catch((error: unknown) => {
            throw new Error(`${String(error)}\n${exporter.output()}`);
        });
        for (const series of [
            /^elasticsearch_cluster_health_up 1$/m,
            /^elasticsearch_cluster_health_status\{cluster="elasticsearch",color="\w+"\} 1$/m,
            /^elasticsearch_jvm_memory_used_bytes\{.*area="heap".*\} \d/m,
            /^elasticsearch_filesystem_data_available_bytes\{.*\} \d/m,
            /^elasticsearch_indices_docs_primary\{.*redis-logs-instance.*\} \d/m,
            /^elasticsearch_snapshot_stats_number_of_snapshots\{repository="observability"\} \d/m,
            /^elasticsearch_slm_stats_retention_runs_total 0$/m,
            /^elasticsearch_data_stream_stats_up 1$/m,
        ]) {
            assert.ok(series.test(text), `no ${String(series)}`);
        }
        assert.doesNotMatch(exporter.output(), /403|Forbidden/);
    });
});
