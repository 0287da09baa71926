import assert from "node:assert/strict";

import { find, listAt, textAt, valueAt } from "../../lab/program/objects";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { readStackFile } from "../../lab/program/stackFile";
import { Authority, AuthorityInputs, Identity } from "../support/elasticNode/authority";
import { ElasticNode } from "../support/elasticNode/elasticNode";
import { ELASTIC, FileRealm, realmOf, RealmUser } from "../support/elasticNode/fileRealm";
import { elasticHome } from "../support/elasticNode/home";
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
    const realm = realmOf(run);
    const authority = await Authority.of(authorityInputs(run));
    const identity = await authority.sign(serverNames(run));
    const began = Date.now();
    const node = await ElasticNode.start({
        home,
        realm: { ...realm, users: [...realm.users] },
        identity,
        authority: authority.certificate,
        settings: nodeSettings(run),
    });
    const startedIn = Math.round((Date.now() - began) / 1000);
    return { run, realm, authority, identity, node, startedIn };
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
    assert.ok(found, `a user ${username} in ${realm.users.map((user) => user.username).join(", ")}`);
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
