// Makes a token of Grafana's service account "backup", which ends by itself. The export gets the token, not the
// password of the administrator.
// GRAFANA_URL, GRAFANA_USER, GRAFANA_PASSWORD; TOKEN_FILE: where the token is written.
import * as fs from "node:fs";

import { fail, required } from "./files.mjs";

/** Seconds; an export of 1000 dashboards takes less. */
const LIFETIME = 900;
const ACCOUNT = "backup";

const url = required("GRAFANA_URL");
const login = Buffer.from(`${required("GRAFANA_USER")}:${required("GRAFANA_PASSWORD")}`);
const headers = {
    authorization: `Basic ${login.toString("base64")}`,
    "content-type": "application/json",
};

async function call(method, path, body) {
    const response = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(60_000),
    }).catch((error) => fail(`${method} ${path}: ${error.cause?.message ?? error.message}`));
    const text = await response.text();
    if (!response.ok) {
        fail(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    }
    return JSON.parse(text);
}

const { serviceAccounts } = await call("GET", `/api/serviceaccounts/search?query=${ACCOUNT}`);
const found = serviceAccounts.find(({ name }) => name === ACCOUNT);
// Grafana without a licence shows contact points to this role only, and dashboards of every folder.
const account =
    found ?? (await call("POST", "/api/serviceaccounts", { name: ACCOUNT, role: "Admin" }));
const tokens = `/api/serviceaccounts/${account.id}/tokens`;
for (const { id, hasExpired } of await call("GET", tokens)) {
    if (hasExpired) {
        await call("DELETE", `${tokens}/${id}`);
    }
}
const { key } = await call("POST", tokens, {
    name: `backup-${Date.now()}`,
    secondsToLive: LIFETIME,
});
fs.writeFileSync(required("TOKEN_FILE"), key, { mode: 0o600 });
