// Writes every resource of the Prometheus Operator, and the configurations that it generated.
// API_URL: of the API server; ACCOUNT: folder with the file `token`; EXPORT: the folder to write to;
// GENERATED: Secrets, as NAMESPACE/NAME/KEY, separated by spaces.
import * as fs from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";

import { fail, getJson, json, required, writeFiles } from "./files.mjs";

const GROUP = "monitoring.coreos.com";
const url = required("API_URL");
const token = fs.readFileSync(path.join(required("ACCOUNT"), "token"), "utf8").trim();
const get = (place) => getJson(`${url}${place}`, { authorization: `Bearer ${token}` });

/** Kinds that can be listed, each in the first of its versions; the API server prefers the first. */
async function kinds() {
    const { versions } = await get(`/apis/${GROUP}`);
    const found = new Map();
    for (const { groupVersion } of versions) {
        const { resources } = await get(`/apis/${groupVersion}`);
        for (const { name, kind, verbs } of resources) {
            if (!found.has(name) && !name.includes("/") && verbs.includes("list")) {
                found.set(name, { name, kind, groupVersion });
            }
        }
    }
    return [...found.values()];
}

async function list({ name, groupVersion }) {
    const items = [];
    for (let next = ""; ;) {
        const page = await get(`/apis/${groupVersion}/${name}?limit=500&continue=${next}`);
        items.push(...page.items);
        next = encodeURIComponent(page.metadata.continue ?? "");
        if (!next) {
            return items;
        }
    }
}

/** What `kubectl apply` takes: without what the API server sets. */
function manifest({ groupVersion, kind }, { metadata, spec }) {
    const { name, namespace, labels, annotations } = metadata;
    return {
        apiVersion: groupVersion,
        kind,
        metadata: { name, namespace, labels, annotations },
        spec,
    };
}

const fileName = ({ metadata }) => `${metadata.namespace}_${metadata.name}.json`;

async function generated(place) {
    const [namespace, name, key] = place.split("/");
    const { data = {} } = await get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
    if (!data[key]) {
        fail(`Secret ${namespace}/${name} has no ${key}`);
    }
    const content = Buffer.from(data[key], "base64");
    const text = key.endsWith(".gz") ? gunzipSync(content) : content;
    return [key.replace(/\.gz$/, ""), text];
}

/** The groups of a rule file, without the strategy, which is Thanos' and which promtool refuses. */
function ruleFile({ spec }) {
    const groups = (spec.groups ?? []).map((group) => ({
        ...group,
        partial_response_strategy: undefined,
    }));
    return json({ groups });
}

let rules = [];
for (const each of await kinds()) {
    const items = await list(each);
    if (each.kind === "PrometheusRule") {
        rules = items;
    }
    writeFiles(
        each.name,
        Object.fromEntries(items.map((item) => [fileName(item), json(manifest(each, item))])),
    );
}
if (rules.length === 0) {
    fail("the cluster has not one PrometheusRule");
}
writeFiles("rule-files", Object.fromEntries(rules.map((rule) => [fileName(rule), ruleFile(rule)])));
const configurations = await Promise.all(required("GENERATED").split(" ").map(generated));
writeFiles("configuration", Object.fromEntries(configurations));
