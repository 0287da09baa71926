import assert from "node:assert/strict";

import { exporterProblems, exporterSettings } from "../../../components/redis/redisExporter";
import { redisManifests } from "../../../components/redis/redisSpecs";
import { valueAt } from "../../../lab/program/objects";
import { INSTANCES } from "../../support/exampleConfig";

describe("Settings of exporters", () => {
    it("are the exporters' variables, in the order of their names, and those of no Sentinel", () => {
        const exporter = exporterSettings.parse({
            checkSingleKeys: { "queue:jobs": {}, mails: { db: 3 } },
            clientList: { clients: 5 },
            env: { REDIS_EXPORTER_INCL_CONFIG_METRICS: "true" },
        });
        const [data, sentinel] = redisManifests({
            name: "cache",
            settings: { ...INSTANCES.sentinel, exporter },
            passwordSecret: "cache-auth",
            storageClass: "",
        });
        const common = { name: "REDIS_EXPORTER_INCL_SYSTEM_METRICS", value: "true" };
        assert.deepEqual(valueAt(data?.spec, "redisExporter", "env"), [
            common,
            {
                name: "REDIS_EXPORTER_CHECK_SINGLE_KEYS",
                value: "db0=queue%3Ajobs,db3=mails",
            },
            // Texts would be labels, for everybody to read.
            { name: "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES", value: "true" },
            { name: "REDIS_EXPORTER_EXPORT_CLIENT_LIST", value: "true" },
            { name: "REDIS_EXPORTER_INCL_CONFIG_METRICS", value: "true" },
        ]);
        assert.deepEqual(valueAt(sentinel?.spec, "redisExporter", "env"), [common]);
    });

    it("are refused where they name what is not there or not theirs", () => {
        const exporter = exporterSettings.parse({
            checkSingleKeys: { jobs: { db: 16 } },
            checkKeys: { jobs: { keys: 1 } },
            env: { REDIS_EXPORTER_CHECK_KEYS: "db0=*" },
        });
        const problems = exporterProblems("it", { ...INSTANCES.replication, exporter });
        assert.deepEqual(
            problems.map(({ path, got, allowed }) => `${path}: got ${got}; ${allowed}`),
            [
                "it.exporter.checkSingleKeys.jobs.db: got 16; 0 to 15, the databases of the instance",
                'it.exporter.checkKeys: got "jobs"; patterns, with one of *, ? and [ ]; a single key stands in checkSingleKeys',
                "it.exporter.env.REDIS_EXPORTER_CHECK_KEYS: got a variable that the operator or this stack sets; the keys beside env, or another variable",
            ],
        );
    });
});
