import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { previewRequest } from "../../../commands/preview/arguments";
import { previewStacks } from "../../../commands/preview/main";
import { requestsOf, RequestTotals } from "../../../commands/preview/requests";
import { routingChanges } from "../../../commands/preview/routingChanges";
import { inOneLine, size, wrapped } from "../../../commands/preview/text";
import type { Registration } from "../../../lab/program/program";
import { withFolder } from "../../../lab/program/runs";
import { FIXTURES } from "../../../lab/program/stackFile";
import { withoutUnhandledRejections } from "../../support/refusal";

describe("Arguments of npm start", () => {
    const stacks = ["prod", "qa", "staging"];

    it("name stacks; without any, all that have a file", () => {
        assert.deepEqual(previewRequest([], stacks), { stacks, verbose: false });
        assert.deepEqual(previewRequest(["qa", "--verbose"], stacks), {
            stacks: ["qa"],
            verbose: true,
        });
    });

    it("that name no stack are refused with the stacks there are and what to do", () => {
        assert.throws(() => previewRequest(["stagin"], stacks), {
            message: [
                `there is no stack "stagin"; did you mean "staging"?`,
                "Stacks are the files Pulumi.<stack>.yaml beside Pulumi.yaml: prod, qa, staging.",
                "For one of these: npm start -- prod",
                "For a new one, copy the file that is nearest, edit it, and make its state:",
                "  cp Pulumi.prod.yaml Pulumi.stagin.yaml",
                "  npx pulumi stack init stagin",
                "Nothing was previewed.",
            ].join("\n"),
        });
    });

    it("are all named when several are wrong", () => {
        assert.throws(
            () => previewRequest(["--verbos", "x", "y"], stacks),
            (error: Error) => {
                assert.match(
                    error.message,
                    /"--verbos" is not an option; did you mean "--verbose"\?/,
                );
                assert.match(error.message, /no stack "x"/);
                assert.match(error.message, /no stack "y"/);
                return true;
            },
        );
    });

    it("without any stack file say what a stack is", () => {
        assert.throws(() => previewRequest([], []), /a stack is a file Pulumi\.<stack>\.yaml/);
    });
});

/** Calls a function with a folder of stack files, and what `npm start` prints there. */
function printed(
    files: Readonly<Record<string, string>>,
    args: readonly string[],
): Promise<{ text: string; good: boolean; rendered: string[] }> {
    return withFolder(async (folder) => {
        for (const [name, content] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
            fs.writeFileSync(path.join(folder, name), content);
        }
        const lines: string[] = [];
        const good = await withoutUnhandledRejections(() =>
            previewStacks(args, (line) => lines.push(line), folder),
        );
        const rendered = path.join(folder, "rendered");
        return {
            text: lines.join("\n"),
            good,
            rendered: fs.existsSync(rendered) ? fs.readdirSync(rendered).sort() : [],
        };
    });
}

const STAGING = fs.readFileSync(path.join(FIXTURES, "Pulumi.staging.yaml"), "utf8");

describe("Summary of npm start", () => {
    it("tells what is wrong in a file's text and in its values at once", async () => {
        const wrong = STAGING.replace(/environment: .*/, "environment: Staging").concat(
            "  observability:receiverSecrets: { constructor: x, chat: y }\n",
            "  observabilty:slos: {}\n",
            "  observability:images: 2026-01-01\n",
        );
        const { text, good } = await printed({ "Pulumi.wrong.yaml": wrong }, ["wrong"]);
        assert.equal(good, false);
        const told = [...text.matchAll(/^ {2}(\S+): got /gm)].map(([, path]) => path);
        assert.deepEqual(told.sort(), [
            "observability:environment",
            "observability:images",
            "observability:receiverSecrets.chat",
            "observability:receiverSecrets.constructor",
            "observability:slos",
        ]);
    });

    it("is of every stack that has a file, whatever its name", async () => {
        const files = { "Pulumi.east.yaml": STAGING, "Pulumi.west.yaml": STAGING };
        const { text, good, rendered } = await printed(files, []);
        assert.ok(good, text);
        assert.match(text, /^east: \d+ objects and charts as the owner of cluster staging;/m);
        assert.match(text, /^west: \d+ objects and charts as the owner of cluster staging;/m);
        assert.deepEqual(rendered, ["east", "west"]);
    });

    it("fits in 100 columns but for commands, and ends with what is to set", async () => {
        const { text } = await printed({ "Pulumi.east.yaml": STAGING }, []);
        const lines = text.split("\n");
        const wide = lines.filter((line) => line.length > 100 && !/^ +npx pulumi /.test(line));
        assert.deepEqual(wide, []);
        assert.ok(lines.length < 80, `${lines.length} lines`);
        assert.deepEqual(lines.slice(-7), [
            "To set before `npx pulumi up --stack east`:",
            "  kubeContext: the kubeconfig context of this stack's cluster",
            "    npx pulumi config set 'observability:kubeContext' CONTEXT --stack east",
            "  alerting.runbookBaseUrl: where docs/runbooks of this repository is read",
            "    npx pulumi config set --path 'observability:alerting.runbookBaseUrl' URL --stack east",
            `  receiverSecrets.chat: the incoming webhook URL, of receiver "chat"`,
            "    npx pulumi config set --secret --path 'observability:receiverSecrets.chat' VALUE --stack east",
        ]);
    });

    it("names the alerts that nobody is told of, and what changed in the routing", async () => {
        const routes = "ALERT SEVERITY ENVIRONMENT TEAM RECEIVERS\nAGone warning east - chat\n";
        const { text } = await printed(
            { "Pulumi.east.yaml": STAGING, "docs/routes/east.txt": routes },
            [],
        );
        assert.match(text, /alerts; nobody is told of [^:]*Watchdog/);
        assert.match(text, /^ +- AGone warning east - chat$/m);
        assert.match(text, /lines differ from docs\/routes\/east\.txt; npm run routes writes it/);
    });

    it("has the tree, the routing table and the port-forwards with --verbose only", async () => {
        const files = { "Pulumi.east.yaml": STAGING };
        const short = await printed(files, []);
        const long = await printed(files, ["--verbose"]);
        for (const line of [
            /^ {4}Elasticsearch elasticsearch$/m,
            /^ {2}RedisMasterDown +\S+ +staging/m,
            /^ {2}grafana: kubectl port-forward --namespace monitoring /m,
        ]) {
            assert.doesNotMatch(short.text, line);
            assert.match(long.text, line);
        }
    });

    it("of one stack is there though another one is wrong, and the end is a failure", async () => {
        const wrong = STAGING.replace(
            "observability:environment: staging",
            "observability:environmen: x",
        );
        const { text, good } = await printed(
            { "Pulumi.east.yaml": STAGING, "Pulumi.west.yaml": wrong },
            [],
        );
        assert.ok(!good);
        assert.match(text, /^east: \d+ objects/m);
        assert.match(text, /^west: The configuration of stack "west" has /m);
    });
});

/** A resource as it would be registered, of these inputs. */
function resource(inputs: Record<string, unknown>): Registration {
    return {
        type: inputs.chart ? "kubernetes:helm.sh/v3:Release" : "kubernetes:any:Any",
        name: "any",
        urn: "any",
        parent: "",
        dependencies: [],
        custom: true,
        protect: false,
        retainOnDelete: false,
        provider: "",
        inputs,
    };
}

const GI = 2 ** 30;
const MI = 2 ** 20;
const NO = { pods: 0, cpu: 0, memory: 0, disk: 0 };
const asked = (cpu: string, memory: string) => ({ resources: { requests: { cpu, memory } } });
const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

describe("What a resource asks for", () => {
    const cases: Readonly<Record<string, [Record<string, unknown>, Partial<RequestTotals>]>> = {
        "a Deployment: its pods, and an init container where that asks for more": [
            {
                kind: "Deployment",
                metadata: { name: "a" },
                spec: {
                    replicas: 2,
                    template: {
                        spec: {
                            initContainers: [asked("1", "10Mi")],
                            containers: [asked("100m", "64Mi"), asked("200m", "64Mi")],
                        },
                    },
                },
            },
            { standing: { pods: 2, cpu: 2, memory: 256 * MI, disk: 0 } },
        ],
        "a container with a limit and no request: the limit": [
            {
                kind: "StatefulSet",
                metadata: { name: "a" },
                spec: {
                    template: {
                        spec: { containers: [{ resources: { limits: { memory: "1Gi" } } }] },
                    },
                },
            },
            { standing: { pods: 1, cpu: 0, memory: GI, disk: 0 } },
        ],
        "a CronJob: nothing that stands, and a pod while it runs": [
            {
                kind: "CronJob",
                spec: {
                    jobTemplate: {
                        spec: { template: { spec: { containers: [asked("50m", "1Gi")] } } },
                    },
                },
            },
            { jobs: { pods: 1, cpu: 0.05, memory: GI, disk: 0 } },
        ],
        "an Elasticsearch: every node with its volume": [
            {
                kind: "Elasticsearch",
                spec: {
                    nodeSets: [
                        {
                            count: 3,
                            podTemplate: { spec: { containers: [asked("500m", "4Gi")] } },
                            volumeClaimTemplates: [claim("50Gi")],
                        },
                    ],
                },
            },
            { standing: { pods: 3, cpu: 1.5, memory: 12 * GI, disk: 150 * GI } },
        ],
        "a RedisCluster: leaders and followers, exporter and both volumes": [
            {
                kind: "RedisCluster",
                spec: {
                    clusterSize: 3,
                    redisLeader: { replicas: 3 },
                    redisFollower: { replicas: 3 },
                    kubernetesConfig: asked("100m", "1Gi"),
                    redisExporter: asked("50m", "64Mi"),
                    storage: {
                        volumeClaimTemplate: claim("10Gi"),
                        nodeConfVolumeClaimTemplate: claim("1Gi"),
                    },
                },
            },
            {
                standing: {
                    pods: 6,
                    cpu: 6 * 0.15000000000000002,
                    memory: 6 * (GI + 64 * MI),
                    disk: 66 * GI,
                },
            },
        ],
        "a chart with a pod on each node: what each node has": [
            {
                chart: "fluent-bit",
                version: "0.0.1",
                values: asked("50m", "96Mi"),
            },
            { perNode: { pods: 1, cpu: 0.05, memory: 96 * MI, disk: 0 } },
        ],
        "a chart whose values say nothing: what the chart does by itself": [
            { chart: "/charts/eck-operator-3.5.0.tgz", version: "3.5.0", values: {} },
            { standing: { pods: 1, cpu: 0.1, memory: 150 * MI, disk: 0 } },
        ],
    };
    for (const [name, [inputs, expected]] of Object.entries(cases)) {
        it(name, () => {
            assert.deepEqual(requestsOf(resource(inputs), {}), {
                standing: NO,
                perNode: NO,
                jobs: NO,
                ...expected,
            });
        });
    }

    it("counts the fewest pods of what is scaled", () => {
        const inputs = {
            kind: "Deployment",
            metadata: { name: "jaeger-collector" },
            spec: { template: { spec: { containers: [asked("1", "1Gi")] } } },
        };
        const { standing } = requestsOf(resource(inputs), { "jaeger-collector": 2 });
        assert.deepEqual(standing, { pods: 2, cpu: 2, memory: 2 * GI, disk: 0 });
    });
});

describe("Lines of the summary", () => {
    it("show of the routing what was and what is", () => {
        const before = "HEAD\nA  warning chat\nB  warning chat\n";
        assert.deepEqual(
            routingChanges("qa", ["HEAD", "A  warning pager", "B  warning chat"], before),
            [
                "routing: 2 lines differ from docs/routes/qa.txt; npm run routes writes it anew",
                "  - A  warning chat",
                "  + A  warning pager",
            ],
        );
        assert.deepEqual(routingChanges("qa", ["HEAD"], "HEAD\n"), [
            "routing: as in docs/routes/qa.txt",
        ]);
        assert.deepEqual(routingChanges("qa", ["HEAD"], undefined), [
            "routing: docs/routes/qa.txt is not there yet; npm run routes writes it",
        ]);
    });

    it("count what does not fit", () => {
        const items = [
            { text: "Elasticsearch", count: 1 },
            { text: "9 Secrets", count: 9 },
            { text: "2 Services", count: 2 },
        ];
        assert.equal(inOneLine(items, 40), "Elasticsearch, 9 Secrets, 2 Services");
        assert.equal(inOneLine(items, 34), "Elasticsearch, 9 Secrets, 2 more");
        assert.equal(inOneLine(items, 23), "Elasticsearch, 11 more");
        assert.equal(inOneLine(items, 10), "12 more");
    });

    it("wrap below the first item", () => {
        assert.deepEqual(wrapped("told:", ["aaaa", "bbbb", "cccc"], 17), [
            "told: aaaa, bbbb,",
            "      cccc",
        ]);
    });

    it("give sizes in the largest unit", () => {
        assert.deepEqual([64 * MI, 1.5 * GI, 396 * GI, 2048 * GI].map(size), [
            "64Mi",
            "1.5Gi",
            "396Gi",
            "2Ti",
        ]);
    });
});
