// Stands in for a Grafana with the endpoints that the backup and the restore use, since no Grafana can be built from a
// package: `node grafanaStandIn.cjs [CONTENT.json]`, on GF_SERVER_HTTP_PORT, with the administrator admin:admin.
// It refuses what Grafana refuses: no login, a missing folder, an id of another database.
const fs = require("node:fs");
const http = require("node:http");

const empty = { folders: [], dashboards: [], contactPoints: [] };
const state = process.argv[2] ? JSON.parse(fs.readFileSync(process.argv[2], "utf8")) : empty;
const accounts = [];
const tokens = new Map();
const ADMIN = `Basic ${Buffer.from("admin:admin").toString("base64")}`;

/** Handlers by method and path; a handler answers a body, or [status, body]. */
const routes = [
    ["GET", /^\/api\/health$/, () => ({ database: "ok" })],
    ["GET", /^\/api\/serviceaccounts\/search$/, () => ({ serviceAccounts: accounts }), "admin"],
    ["POST", /^\/api\/serviceaccounts$/, addAccount, "admin"],
    ["GET", /^\/api\/serviceaccounts\/(\d+)\/tokens$/, () => [], "admin"],
    ["POST", /^\/api\/serviceaccounts\/(\d+)\/tokens$/, addToken, "admin"],
    ["GET", /^\/api\/search$/, search, "any"],
    ["GET", /^\/api\/folders\/([^/]+)$/, ([uid]) => byUid(state.folders, uid), "any"],
    ["POST", /^\/api\/folders$/, addFolder, "any"],
    ["GET", /^\/api\/dashboards\/uid\/([^/]+)$/, ([uid]) => byUid(state.dashboards, uid), "any"],
    ["POST", /^\/api\/dashboards\/db$/, addDashboard, "any"],
    ["GET", /^\/api\/v1\/provisioning\/contact-points\/export$/, exportContactPoints, "any"],
    ["PUT", /^\/api\/v1\/provisioning\/contact-points\/([^/]+)$/, putContactPoint, "any"],
    ["POST", /^\/api\/v1\/provisioning\/contact-points$/, addContactPoint, "any"],
    ["GET", /^\/content$/, () => state],
];

function addAccount(_, { body }) {
    if (body.role !== "Admin") {
        return [403, { message: "the role cannot read contact points" }];
    }
    accounts.push({ id: accounts.length + 1, ...body });
    return [201, accounts.at(-1)];
}

function addToken([account], { body }) {
    if (!(body.secondsToLive > 0)) {
        return [400, { message: "a token without an end" }];
    }
    const key = `glsa_${account}_${tokens.size}`;
    tokens.set(`Bearer ${key}`, Date.now() + body.secondsToLive * 1000);
    return { key };
}

function search(_, { query }) {
    const limit = Number(query.get("limit"));
    const start = (Number(query.get("page")) - 1) * limit;
    const all =
        query.get("type") === "dash-folder"
            ? state.folders.map(({ uid, title, parentUid }) => ({
                  uid,
                  title,
                  folderUid: parentUid,
              }))
            : state.dashboards.map(({ dashboard }) => ({ uid: dashboard.uid }));
    return all.slice(start, start + limit);
}

function addFolder(_, { body }) {
    if (body.parentUid && !state.folders.some(({ uid }) => uid === body.parentUid)) {
        return [400, { message: "parent folder not found" }];
    }
    state.folders.push(body);
    return body;
}

function addDashboard(_, { body }) {
    const { dashboard, folderUid } = body;
    if (dashboard.id) {
        return [404, { message: "dashboard not found" }];
    }
    if (folderUid && !state.folders.some(({ uid }) => uid === folderUid)) {
        return [400, { message: "folder not found" }];
    }
    const others = state.dashboards.filter((each) => each.dashboard.uid !== dashboard.uid);
    state.dashboards = [...others, { dashboard: { ...dashboard, id: 7 }, meta: { folderUid } }];
    return { status: "success", uid: dashboard.uid };
}

function exportContactPoints(_, { query }) {
    const shown = (settings) =>
        query.get("decrypt") === "true" ? settings : { url: "[REDACTED]" };
    return {
        apiVersion: 1,
        contactPoints: state.contactPoints.map(({ name, settings, ...receiver }) => ({
            orgId: 1,
            name,
            receivers: [{ ...receiver, settings: shown(settings) }],
        })),
    };
}

function putContactPoint([uid], { body }) {
    const known = state.contactPoints.findIndex((each) => each.uid === uid);
    if (known < 0) {
        return [404, { message: "contact point not found" }];
    }
    state.contactPoints[known] = body;
    return [202, body];
}

function addContactPoint(_, { body }) {
    state.contactPoints.push(body);
    return [202, body];
}

function byUid(all, uid) {
    const found = all.find((each) => (each.uid ?? each.dashboard.uid) === uid);
    return found ?? [404, { message: "not found" }];
}

function allowed(access, authorization) {
    const token = (tokens.get(authorization) ?? 0) > Date.now();
    return access === undefined || authorization === ADMIN || (access === "any" && token);
}

http.createServer(async (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url, "http://localhost");
    const text = Buffer.concat(await request.toArray()).toString();
    const route = routes.find(([method, path]) => method === request.method && path.test(pathname));
    let answer = [404, { message: `no such endpoint: ${request.method} ${pathname}` }];
    if (route) {
        const [, path, handle, access] = route;
        const body = text ? JSON.parse(text) : {};
        const result = allowed(access, request.headers.authorization)
            ? handle(path.exec(pathname).slice(1), { query, body })
            : [401, { message: "Unauthorized" }];
        const withStatus = Array.isArray(result) && typeof result[0] === "number";
        answer = withStatus ? result : [200, result];
    }
    response.writeHead(answer[0], { "content-type": "application/json" });
    response.end(JSON.stringify(answer[1]));
}).listen(Number(process.env.GF_SERVER_HTTP_PORT), "127.0.0.1");
