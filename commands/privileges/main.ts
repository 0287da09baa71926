import * as fs from "node:fs";
import * as path from "node:path";

import * as prettier from "prettier";

import { GRANTS, RoleGrants, USERS } from "../../components/logging/elasticsearchRoles";
import { ROOT } from "../../lab/program/stackFile";

/** The page that says what each user of Elasticsearch may. */
export const PAGE = path.join(ROOT, "docs/components/elasticsearch.md");
const BEGIN = "<!-- npm run privileges: begin -->";
const END = "<!-- npm run privileges: end -->";

/** The page with the table of the roles as they are now. Throws when the page has no place for it. */
export async function pageWithPrivileges(page: string): Promise<string> {
    const begin = page.indexOf(BEGIN);
    const end = page.indexOf(END);
    if (begin < 0 || end < begin) {
        throw new Error(`${PAGE} needs the lines ${BEGIN} and ${END}, with the table between them`);
    }
    const text = `${page.slice(0, begin)}${BEGIN}\n\n${table()}\n\n${page.slice(end)}`;
    return prettier.format(text, {
        ...(await prettier.resolveConfig(PAGE)),
        parser: "markdown",
    });
}

function table(): string {
    const rows = Object.values(USERS).flatMap(({ username, roles }) =>
        roles.flatMap((role) => rowsOf(username, role, GRANTS[role])),
    );
    return ["| user | role | on | privilege | needed by |", "| - | - | - | - | - |", ...rows].join(
        "\n",
    );
}

function rowsOf(username: string, role: string, grants: RoleGrants): string[] {
    const { cluster, indices, applications = [] } = grants;
    const all = [
        { on: "the cluster", privileges: cluster },
        ...indices.map(({ names, privileges }) => ({ on: code(names), privileges })),
        ...applications.map(({ resources, privileges }) => ({
            on: `Kibana's ${code(resources)}`,
            privileges,
        })),
    ];
    return all.flatMap(({ on, privileges }) =>
        Object.entries(privileges).map(
            ([privilege, call]) =>
                `| \`${username}\` | \`${role}\` | ${on} | \`${privilege}\` | ${call} |`,
        ),
    );
}

function code(names: readonly string[]): string {
    return names.map((name) => `\`${name}\``).join(", ");
}

/** `npm run privileges`: writes the table afresh. */
async function main(): Promise<void> {
    fs.writeFileSync(PAGE, await pageWithPrivileges(fs.readFileSync(PAGE, "utf8")));
    console.log(`wrote ${path.relative(ROOT, PAGE)}`);
}

if (require.main === module) {
    void main();
}
