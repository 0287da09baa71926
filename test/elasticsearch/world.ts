import assert from "node:assert/strict";

import { ACCOUNT, ElasticStack } from "../../lab/endpoints/elasticStack";
import { find, listAt, ofKind, textAt, valueAt } from "../../lab/program/objects";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { readStackFile } from "../../lab/program/stackFile";
import { Authority, AuthorityInputs, Identity } from "../support/elasticNode/authority";
import { ElasticNode } from "../support/elasticNode/elasticNode";
import { ELASTIC, FileRealm, realmOf, RealmUser } from "../support/elasticNode/fileRealm";
import { elasticHome } from "../support/elasticNode/home";
import { HOST } from "../support/elasticNode/names";
import { Ended, podOf, PodPlace, runPod } from "../support/elasticNode/podProcess";
import type { Reply } from "../support/elasticNode/request";

/** Of prod, with a repository that is a folder, as it is all that the node can write snapshots to. */
const STACK = "prod";
const SNAPSHOTS = { type: "sharedFileSystem", storageClass: "shared", storageSize: "10Gi" };

/** One node for the whole ring, with the users and roles of the program. */
export interface ElasticWorld {
    readonly run: ProgramRun;
    readonly realm: FileRealm;
    readonly authority: Authority;
    readonly identity: Identity;
    readonly node: ElasticNode;
    /** A stand-in: Kibana is in no registry. */
    readonly kibana: ElasticStack;
    /** Seconds until it answered. */
    readonly startedIn: number;
}

let world: Promise<ElasticWorld> | undefined;

/** For a `before` hook: skips its suite where the node cannot run. The first call starts it. */
export async function elasticWorld(context: Mocha.Context): Promise<ElasticWorld> {
    context.timeout(0);
    const home = await elasticHome(context);
    world ??= open(home);
    return world;
}

async function open(home: Awaited<ReturnType<typeof elasticHome>>): Promise<ElasticWorld> {
    const settings = readStackFile(STACK).elasticsearch as object;
    const elasticsearch = { ...settings, snapshots: SNAPSHOTS };
    const run = await previewOf(STACK, { elasticsearch });
    const realm = withKibanasPassword(realmOf(run));
    const authority = await Authority.of(authorityInputs(run));
    const identity = await authority.sign(serverNames(run));
    const began = Date.now();
    const node = await ElasticNode.start({
        home,
        realm,
        identity,
        authority: authority.certificate,
        settings: nodeSettings(run),
    });
    const startedIn = Math.round((Date.now() - began) / 1000);
    const kibana = await ElasticStack.start();
    return { run, realm, authority, identity, node, kibana, startedIn };
}

/** Stops what would keep the process. */
after(async () => {
    await (await world)?.kibana.close();
});

/** The setup Job has one account for both of its servers. */
function withKibanasPassword(realm: FileRealm): FileRealm {
    const users = realm.users.map((user) =>
        user.username === ACCOUNT.username ? { ...user, password: ACCOUNT.password } : user,
    );
    return { ...realm, users };
}

/** What the program asks its provider for, of the authority that it hands to ECK. */
export function authorityInputs(run: ProgramRun): AuthorityInputs {
    const made = run.registrations.filter(({ type }) => type.endsWith(":SelfSignedCert"));
    assert.equal(made.length, 1);
    return made[0]?.inputs as unknown as AuthorityInputs;
}

/** Names that the program asks ECK for; ECK's own ones come beside them. */
export function serverNames(run: ProgramRun): string[] {
    const { manifest } = find(run, "Elasticsearch", "elasticsearch");
    const tls = valueAt(manifest, "spec", "http", "tls", "selfSignedCertificate");
    return listAt(tls, "subjectAltNames").map((each) => textAt(each, "dns"));
}

function nodeSettings(run: ProgramRun): Record<string, unknown> {
    const { manifest } = find(run, "Elasticsearch", "elasticsearch");
    const [set] = listAt(manifest, "spec", "nodeSets");
    return { ...(valueAt(set, "config") as object) };
}

/** A user of the program's realm. */
export function userOf({ realm }: Pick<ElasticWorld, "realm">, username: string): RealmUser {
    const found = realm.users.find((user) => user.username === username);
    assert.ok(
        found,
        `a user ${username} in ${realm.users.map((user) => user.username).join(", ")}`,
    );
    return found;
}

/** As the superuser, who is asked for what a test needs and does not judge. Throws when it is refused. */
export async function asElastic(
    { node }: Pick<ElasticWorld, "node">,
    method: string,
    path: string,
    body?: object | string,
): Promise<Reply> {
    const reply = await node.call(ELASTIC, method, path, body);
    assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`);
    return reply;
}

/** Where and what the pods of the program are on this machine. */
export function here(
    { node, kibana, authority }: ElasticWorld,
    user: Pick<RealmUser, "password">,
): Pick<PodPlace, "here" | "files" | "env"> {
    return {
        here: {
            [`${HOST}:9200`]: `${HOST}:${node.port}`,
            "https://kibana-kb-http.logging.svc:5601": kibana.url,
            "/usr/share/elasticsearch/snapshots": node.snapshots,
        },
        files: {
            "elasticsearch-ca/ca.crt": authority.certificate,
            "kibana-kb-http-certs-public/ca.crt": kibana.certificate,
        },
        env: { PASSWORD: user.password },
    };
}

export interface JobChanges {
    readonly here?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
}

/** Runs the setup Job as its pod does, by the program's account, or another one. */
export function runSetup(
    world: ElasticWorld,
    changes: JobChanges = {},
    username = "stack-setup",
): Promise<Ended> {
    const [job] = ofKind(world.run, "Job").filter(({ name }) =>
        name.startsWith("elasticsearch-setup"),
    );
    return runProgramPod(world, username, podOf(world.run, "Job", job?.name ?? ""), changes);
}

/** Runs the restore drill as its pod does. */
export function runDrill(world: ElasticWorld, changes: JobChanges = {}): Promise<Ended> {
    const pod = podOf(world.run, "CronJob", "drill-elasticsearch");
    return runProgramPod(world, "restore-drill", pod, changes);
}

function runProgramPod(
    world: ElasticWorld,
    username: string,
    pod: unknown,
    changes: JobChanges,
): Promise<Ended> {
    const place = here(world, userOf(world, username));
    return runPod({
        run: world.run,
        pod,
        command: [process.execPath],
        here: { ...place.here, ...patience(20), ...changes.here },
        files: { ...place.files, ...changes.files },
        env: { ...place.env, ...changes.env },
    });
}

/** What the two programs try again for minutes, they do for so many seconds. */
export function patience(seconds: number): Record<string, string> {
    return {
        '"deadlineSeconds": 1500': `"deadlineSeconds": ${seconds}`,
        '"deadlineSeconds": 3300': `"deadlineSeconds": ${seconds}`,
        '"pauseSeconds": 5': '"pauseSeconds": 1',
    };
}

let ready: Promise<Ended> | undefined;

/** The streams and templates that the setup Job makes, once for the ring. Gives the end of its first run. */
export function setUp(world: ElasticWorld): Promise<Ended> {
    ready ??= runSetup(world);
    return ready;
}
