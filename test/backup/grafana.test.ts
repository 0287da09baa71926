import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { eventually } from "../../lab/tools/commands";
import { fails, needs, Outcome, runScript, Scratch, succeeds, Variables } from "./programs";
import { Repository } from "./repository";
import { freePort, Servers } from "./servers";

const STAND_IN = path.join(__dirname, "grafanaStandIn.cjs");
const SECRET_URL = "https://hooks.example.com/secret";

/** A child folder before its parent, a provisioned dashboard, and the built-in contact point. */
const CONTENT = {
    folders: [
        { uid: "queues", title: "Queues", parentUid: "shop" },
        { uid: "shop", title: "Shop" },
    ],
    dashboards: [
        dashboard("orders", "queues"),
        dashboard("overview"),
        { ...dashboard("redis"), meta: { folderUid: "", provisioned: true } },
    ],
    contactPoints: [
        { uid: "", name: "grafana-default-email", type: "email", settings: {} },
        { uid: "hook", name: "On call", type: "webhook", settings: { url: SECRET_URL } },
    ],
};

function dashboard(uid: string, folderUid = ""): object {
    return { dashboard: { id: 42, uid, title: uid, panels: [{ id: 1 }] }, meta: { folderUid } };
}

describe("Grafana backup", function () {
    this.timeout(120_000);
    let scratch: Scratch;
    let servers: Servers;
    let repository: Repository;

    before(function () {
        needs(this, "restic", "jq", "curl");
    });
    beforeEach(() => {
        scratch = new Scratch();
        servers = new Servers(scratch);
        repository = Repository.inFolder(scratch);
    });
    afterEach(async () => {
        await servers.stop();
        scratch.remove();
    });

    /** Starts a Grafana with some content; gives its URL. */
    async function grafana(content: object = { folders: [], dashboards: [], contactPoints: [] }) {
        const port = await freePort();
        const file = path.join(scratch.folder, `content-${port}.json`);
        fs.writeFileSync(file, JSON.stringify(content));
        servers.start(process.execPath, [STAND_IN, file], { GF_SERVER_HTTP_PORT: String(port) });
        const url = `http://127.0.0.1:${port}`;
        await eventually(
            "Grafana",
            20,
            async () => (await fetch(`${url}/api/health`)).ok || undefined,
        );
        return url;
    }

    async function backup(url: string, change: Variables = {}): Promise<Outcome> {
        scratch.empty();
        const env = {
            ...repository.env,
            GRAFANA_URL: url,
            GRAFANA_USER: "admin",
            GRAFANA_PASSWORD: "admin",
            TOKEN_FILE: path.join(scratch.folder, "token"),
            ...change,
        };
        const token = await runScript("grafana-token.mjs", env);
        return token.status === 0
            ? runScript("export-grafana.mjs", {
                  ...env,
                  // It has the token only.
                  GRAFANA_PASSWORD: "",
              })
            : token;
    }

    async function drill(): Promise<Outcome> {
        return repository.drill("drill-grafana.sh", {
            GRAFANA_COMMAND: `${process.execPath} ${STAND_IN}`,
            GF_SERVER_HTTP_PORT: String(await freePort()),
        });
    }

    const read = (file: string): unknown =>
        JSON.parse(fs.readFileSync(path.join(scratch.exported, file), "utf8"));

    it("has folders, dashboards and contact points, each as the request that restores it", async () => {
        await succeeds(backup(await grafana(CONTENT)));
        assert.deepEqual(read("dashboards/orders.json"), {
            dashboard: { uid: "orders", title: "orders", panels: [{ id: 1 }] },
            folderUid: "queues",
            overwrite: true,
        });
        assert.deepEqual(fs.readdirSync(path.join(scratch.exported, "folders")).sort(), [
            "0-shop.json",
            "1-queues.json",
        ]);
        assert.deepEqual(read("contact-points/hook.json"), CONTENT.contactPoints[1]);
        assert.equal(
            fs.readFileSync(path.join(scratch.exported, "MANIFEST"), "utf8"),
            "2 folders\n2 dashboards\n1 provisioned-dashboards\n1 contact-points\n",
        );
    });

    it("restores into a Grafana of the drill, and counts what came back", async () => {
        await succeeds(backup(await grafana(CONTENT)));
        await succeeds(repository.store());
        assert.match(await succeeds(drill()), /3 dashboards came back/);
    });

    it("restores into an empty Grafana what people made, and twice without harm", async () => {
        await succeeds(backup(await grafana(CONTENT)));
        await succeeds(repository.store());
        await succeeds(repository.fetch());
        const url = await grafana();
        const env = { ...repository.env, GRAFANA_URL: url, GRAFANA_LOGIN: "admin:admin" };
        await succeeds(runScript("restore-grafana.sh", env));
        await succeeds(runScript("restore-grafana.sh", env));
        const restored = (await (await fetch(`${url}/content`)).json()) as typeof CONTENT;
        assert.deepEqual(
            restored.folders.map(({ uid }) => uid),
            ["shop", "queues"],
        );
        assert.equal(restored.dashboards.length, 2, "provisioned ones come from their files");
        assert.deepEqual(restored.contactPoints, [CONTENT.contactPoints[1]]);
    });

    it("reads every page of the search", async () => {
        const many = Array.from({ length: 1001 }, (_, i) => dashboard(`board-${i}`));
        const log = await succeeds(backup(await grafana({ ...CONTENT, dashboards: many })));
        assert.match(log, /1001 dashboards/);
    });

    it("fails without a dashboard: a Grafana that lost its volume must not look well", async () => {
        await fails(backup(await grafana()), /not one dashboard/);
    });

    it("fails with a wrong password, and says which request was refused", async () => {
        const url = await grafana(CONTENT);
        const refused = backup(url, { GRAFANA_PASSWORD: "wrong" });
        await fails(refused, /GET \/api\/serviceaccounts\/search.*401/);
    });

    it("fails when Grafana is not there", async () => {
        const url = `http://127.0.0.1:${await freePort()}`;
        await fails(backup(url), /ECONNREFUSED/);
    });

    it("turns the drill red when a dashboard is missing", async () => {
        await succeeds(backup(await grafana(CONTENT)));
        fs.rmSync(path.join(scratch.exported, "dashboards/orders.json"));
        await succeeds(repository.store());
        await fails(drill(), /1 of dashboards, and MANIFEST says 2/);
    });

    it("turns the drill red when a dashboard cannot be restored", async () => {
        await succeeds(backup(await grafana(CONTENT)));
        const file = path.join(scratch.exported, "dashboards/orders.json");
        fs.writeFileSync(file, JSON.stringify({ dashboard: { uid: "orders" }, folderUid: "gone" }));
        await succeeds(repository.store());
        await fails(drill(), /orders\.json: 400 .*folder not found/);
    });

    it("turns the drill red when its Grafana does not start", async () => {
        await succeeds(backup(await grafana(CONTENT)));
        await succeeds(repository.store());
        const red = repository.drill("drill-grafana.sh", {
            GRAFANA_COMMAND: "false",
            GF_SERVER_HTTP_PORT: String(await freePort()),
        });
        await fails(red, /Grafana does not start/);
    });
});
