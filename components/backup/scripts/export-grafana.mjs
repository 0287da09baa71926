// Writes Grafana's folders, dashboards and contact points as the bodies of the requests that restore them.
// GRAFANA_URL; TOKEN_FILE: file with a service account's token; EXPORT: the folder to write to.
import * as fs from "node:fs";

import { fail, getJson, json, required, writeFiles } from "./files.mjs";

const PAGE = 1000;
const url = required("GRAFANA_URL");
const headers = {
    authorization: `Bearer ${fs.readFileSync(required("TOKEN_FILE"), "utf8").trim()}`,
};
const get = (path) => getJson(`${url}${path}`, headers);

async function search(type) {
    const all = [];
    for (let page = 1; ; page++) {
        const found = await get(`/api/search?type=${type}&limit=${PAGE}&page=${page}`);
        all.push(...found);
        if (found.length < PAGE) {
            return all;
        }
    }
}

/** Folders by name of their file; a parent's name sorts before its children's. */
async function folders() {
    const known = new Map((await search("dash-folder")).map((folder) => [folder.uid, folder]));
    const depth = ({ folderUid }) => (known.has(folderUid) ? 1 + depth(known.get(folderUid)) : 0);
    return Object.fromEntries(
        [...known.values()].map((folder) => {
            const { uid, title, folderUid } = folder;
            const parent = folderUid ? { parentUid: folderUid } : {};
            return [`${depth(folder)}-${uid}.json`, json({ uid, title, ...parent })];
        }),
    );
}

/** Dashboards made by hand, and those of files, which their files restore. */
async function dashboards() {
    const own = {};
    const provisioned = {};
    for (const { uid } of await search("dash-db")) {
        const { dashboard, meta } = await get(`/api/dashboards/uid/${uid}`);
        // Ids are of one database.
        delete dashboard.id;
        const body = { dashboard, folderUid: meta.folderUid ?? "", overwrite: true };
        (meta.provisioned ? provisioned : own)[`${uid}.json`] = json(body);
    }
    return { own, provisioned };
}

/** With their secrets: this is why the repository is encrypted. */
async function contactPoints() {
    const { contactPoints: exported } = await get(
        "/api/v1/provisioning/contact-points/export?format=json&decrypt=true",
    );
    // The built-in one has no uid, and every Grafana has it.
    const receivers = exported.flatMap(({ name, receivers: all }) =>
        all.filter(({ uid }) => uid).map((receiver) => ({ name, ...receiver })),
    );
    return Object.fromEntries(
        receivers.map((receiver) => [`${receiver.uid}.json`, json(receiver)]),
    );
}

const { own, provisioned } = await dashboards();
if (Object.keys(own).length + Object.keys(provisioned).length === 0) {
    fail("Grafana shows not one dashboard");
}
writeFiles("folders", await folders());
writeFiles("dashboards", own);
writeFiles("provisioned-dashboards", provisioned);
writeFiles("contact-points", await contactPoints());
