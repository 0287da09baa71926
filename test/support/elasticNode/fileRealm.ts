import { hashSync } from "bcryptjs";
import { parse, stringify } from "yaml";

import type { Role } from "../../../components/logging/elasticsearchRoles";
import { find, listAt, textAt, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";

/** As a Secret for ECK has it. */
export interface RealmUser {
    readonly username: string;
    readonly password: string;
    readonly roles: readonly string[];
}

/** What ECK puts into the configuration folder of every node, of the Secrets that the Elasticsearch object names. */
export interface FileRealm {
    readonly users: readonly RealmUser[];
    readonly roles: Readonly<Record<string, Role>>;
}

/** ECK's own, which the program does not know. */
export const ELASTIC: RealmUser = {
    username: "elastic",
    password: "password-of-elastic",
    roles: ["superuser"],
};
/** That of ECK's hashes. Checked at each user's first request, as the node keeps what it knows. */
const BCRYPT_COST = 10;

/** The users and roles that a run of the program hands to ECK. */
export function realmOf(run: ProgramRun): FileRealm {
    const { manifest } = find(run, "Elasticsearch", "elasticsearch");
    const secrets = (list: string) =>
        listAt(manifest, "spec", "auth", list).map(
            (each) => find(run, "Secret", textAt(each, "secretName")).manifest,
        );
    const users = secrets("fileRealm").map((secret) => ({
        username: secretText(secret, "username"),
        password: secretText(secret, "password"),
        roles: secretText(secret, "roles").split(","),
    }));
    const roles = secrets("roles").map(
        (secret) => parse(secretText(secret, "roles.yml")) as FileRealm["roles"],
    );
    return { users, roles: Object.assign({}, ...roles) as FileRealm["roles"] };
}

/** A value of `stringData`, which is a secret of the run when it was generated. */
export function secretText(secret: object, key: string): string {
    const data = valueAt(secret, "stringData");
    const plain = valueAt(data, "secret") ?? data;
    const value = valueAt(plain, key);
    return String(valueAt(value, "secret") ?? value);
}

/** The files of Elasticsearch's file realm, by name. */
export function realmFiles({ users, roles }: FileRealm): Record<string, string> {
    const all = [...users, ELASTIC];
    const members = new Map<string, string[]>();
    for (const { username, roles: own } of all) {
        own.forEach((role) => members.set(role, [...(members.get(role) ?? []), username]));
    }
    return {
        users: lines(all.map(({ username, password }) => `${username}:${hash(password)}`)),
        users_roles: lines([...members].map(([role, names]) => `${role}:${names.join(",")}`)),
        // ECK writes them anew, and without aliases, too.
        "roles.yml": stringify(roles, { aliasDuplicateObjects: false }),
    };
}

function lines(all: readonly string[]): string {
    return `${all.join("\n")}\n`;
}

const hashes = new Map<string, string>();

/** Node.js takes a tenth of a second for each. */
function hash(password: string): string {
    const known = hashes.get(password) ?? hashSync(password, BCRYPT_COST);
    hashes.set(password, known);
    return known;
}
