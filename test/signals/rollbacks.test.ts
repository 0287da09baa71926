import assert from "node:assert/strict";

import { wentBack } from "../../components/dashboards/list/rollouts";
import { withFolder } from "../../lab/program/runs";
import { goTool } from "../support/goTool";
import { writeJson } from "./caseFiles";
import { KUBE_STATE_METRICS, stateSeries } from "./clusterSeries";
import { failuresOf } from "./promtoolRun";
import { inputSeries, Phase, Series, STEP } from "./timeline";

const EXPR = wentBack('namespace=~".+"', ".+", "15m");

/** A ReplicaSet of the Deployment `web`, made at some minute, with pods from then on. */
function replicaSet(version: number, minute: number, ...pods: readonly Phase[]): Series[] {
    const labels = { namespace: "shop", replicaset: `web-${version}` };
    const before: readonly Phase[] = minute === 0 ? [] : [[`${minute}m`, "gone"]];
    const over = (value: number): Phase[] => [...before, ["3h", value]];
    const owner = { ...labels, owner_kind: "Deployment", owner_name: "web" };
    return [
        stateSeries("kube_replicaset_created", labels, over(minute * 60)),
        stateSeries("kube_replicaset_owner", owner, over(1)),
        stateSeries("kube_replicaset_spec_replicas", labels, [...before, ...pods]),
    ];
}

/** The times at which it has gone back, of those that are asked for; in minutes. */
interface Case {
    readonly series: readonly Series[];
    readonly back: readonly number[];
    readonly not: readonly number[];
}

/** Two of the first version until the second comes, at 10 minutes, pod by pod. */
const ROLLED_OUT: readonly Series[] = [
    ...replicaSet(1, 0, ["10m", 3], ["1m", 2], ["1m", 1], ["3h", 0]),
    ...replicaSet(2, 10, ["1m", 1], ["1m", 2], ["3h", 3]),
];

const CASES: Readonly<Record<string, Case>> = {
    "is not a first deployment": {
        series: replicaSet(1, 10, ["3h", 3]),
        back: [],
        not: [10, 11, 20, 40],
    },
    "is not a rollout, at any of its steps": {
        series: ROLLED_OUT,
        back: [],
        not: [9, 10, 11, 12, 13, 20, 40],
    },
    "is not a scale-up": {
        series: [
            ...replicaSet(1, 0, ["10m", 3], ["3h", 0]),
            ...replicaSet(2, 10, ["10m", 3], ["3h", 9]),
        ],
        back: [],
        not: [19, 20, 21, 30],
    },
    "is not a scale-up in the middle of a rollout, in which both versions grow": {
        series: [
            ...replicaSet(1, 0, ["10m", 3], ["1m", 2], ["2m", 4], ["3h", 0]),
            ...replicaSet(2, 10, ["1m", 1], ["2m", 4], ["3h", 8]),
        ],
        back: [],
        not: [10, 11, 12, 13, 20],
    },
    "is not what is scaled to nothing and back": {
        series: [
            ...replicaSet(1, 0, ["10m", 3], ["3h", 0]),
            ...replicaSet(2, 10, ["10m", 3], ["10m", 0], ["3h", 2]),
        ],
        back: [],
        not: [20, 25, 30, 31],
    },
    "is a return to the version before, for 15 minutes": {
        series: [
            ...replicaSet(1, 0, ["10m", 3], ["10m", 0], ["1m", 2], ["3h", 3]),
            ...replicaSet(2, 10, ["10m", 3], ["1m", 1], ["3h", 0]),
        ],
        // Its last pod goes at 21 minutes.
        back: [21, 25, 35],
        not: [20, 36, 60],
    },
    "is the end of a rollout that hung, in which the old version never lost a pod": {
        series: [...replicaSet(1, 0, ["3h", 3]), ...replicaSet(2, 10, ["10m", 1], ["3h", 0])],
        back: [20, 30],
        not: [12, 19, 36],
    },
    "is not a scale-up of the version that was gone back to": {
        series: [
            ...replicaSet(1, 0, ["10m", 3], ["10m", 0], ["40m", 3], ["3h", 9]),
            ...replicaSet(2, 10, ["10m", 3], ["3h", 0]),
        ],
        back: [20],
        not: [36, 60, 61, 70],
    },
    "is over when the next version comes": {
        series: [
            ...replicaSet(1, 0, ["10m", 3], ["10m", 0], ["4m", 3], ["3h", 0]),
            ...replicaSet(2, 10, ["10m", 3], ["3h", 0]),
            ...replicaSet(3, 24, ["3h", 3]),
        ],
        back: [20, 23],
        not: [24, 25, 30],
    },
    "is one, whatever kube-state-metrics does meanwhile": {
        series: [
            ...replicaSet(1, 0, ["3h", 3]),
            ...replicaSet(2, 10, ["10m", 1], ["3h", 0]),
        ].flatMap((each) => [
            each,
            { ...each, labels: { ...each.labels, pod: `${KUBE_STATE_METRICS.pod}-new` } },
        ]),
        back: [21],
        not: [19, 36],
    },
};

describe("A rollback, as the rollouts' dashboard counts it", () => {
    for (const [title, { series, back, not }] of Object.entries(CASES)) {
        it(title, async function () {
            // It may have to be built.
            this.timeout(0);
            const promtool = await goTool(this, "promtool");
            const at = (minute: number, samples: readonly object[]): object => ({
                expr: EXPR,
                eval_time: `${minute}m`,
                exp_samples: samples,
            });
            const web = { labels: '{namespace="shop", owner_name="web"}', value: 1 };
            const test = {
                rule_files: [],
                evaluation_interval: `${STEP}s`,
                tests: [
                    {
                        interval: `${STEP}s`,
                        input_series: series.map((each) => inputSeries(each)),
                        promql_expr_test: [
                            ...back.map((minute) => at(minute, [web])),
                            ...not.map((minute) => at(minute, [])),
                        ],
                    },
                ],
            };
            await withFolder(async (folder) => {
                const file = writeJson(folder, "case.json", test);
                assert.deepEqual((await failuresOf(promtool, [file])).get(file), []);
            });
        });
    }
});
