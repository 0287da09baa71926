import { z } from "zod";

import { ca, email, freeText, hostPort, text, url } from "../settings/scalars";
import { secretReference } from "./secretReference";

/** Names of groups end up in an expression in quotes, and in a list of Grafana's. */
const group = text({
    kind: "group",
    reader: "Grafana's role mapping",
    allowed: `a group as the provider names it: 1 to 256 characters without quotes, commas, ":", ";", "\\" and spaces`,
    is: (each) => /^[^\s'"`,:;\\#]{1,256}$/.test(each),
});

const clientId = freeText("each provider has ids of its own");

/** The same for every provider. */
const shared = {
    clientId: clientId.describe("Id that the provider gave Grafana"),
    clientSecret: secretReference
        .meta({ kind: "name and key of a Secret", whole: true })
        .describe("In the namespace of Grafana"),
    roles: z
        .strictObject({
            admin: z.array(group).describe("Groups that administer Grafana").default([]),
            editor: z.array(group).describe("Groups that change dashboards").default([]),
        })
        .describe("Who is more than a viewer")
        .default({ admin: [], editor: [] }),
    passwordLogin: z
        .boolean()
        .describe("Whether `admin` may sign in with its password as well")
        .default(true),
};

/** How people sign in to Grafana. */
export const signIn = z.discriminatedUnion("provider", [
    z.strictObject({
        provider: z.literal("generic"),
        ...shared,
        name: freeText("a label on a button").describe("What the button says").default("SSO"),
        authUrl: url.describe("Where the browser is sent"),
        tokenUrl: url.describe("Where Grafana gets a token"),
        userUrl: url.describe("Where Grafana asks who it is"),
        groupsClaim: text({
            kind: "claim",
            reader: "JMESPath",
            allowed:
                "the name of a claim: letters, digits, '_' and '.', such as groups or realm_access.roles",
            is: (each) => /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(each),
        })
            .describe("Claim with the groups")
            .default("groups"),
        ca: ca.describe("Authority of the provider's certificate").optional(),
    }),
    z.strictObject({
        provider: z.literal("entra"),
        ...shared,
        tenant: text({
            kind: "id",
            reader: "Microsoft's login service",
            allowed: "the id of a tenant, a UUID, or its domain",
            is: (each) => /^[0-9a-z][-.0-9a-z]{2,252}$/.test(each),
        }).describe("Tenant; groups are its ids of groups"),
    }),
    z.strictObject({
        provider: z.literal("google"),
        ...shared,
        domains: z
            .array(
                text({
                    kind: "domain",
                    reader: "Google's accounts",
                    allowed: "a domain such as example.com",
                    is: (each) => /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/.test(each),
                }),
            )
            .min(1, {
                error: "allowed: at least one domain: everybody with an account of Google could sign in",
            })
            .describe("Domains whose accounts may sign in"),
    }),
    z.strictObject({
        provider: z.literal("github"),
        ...shared,
        organizations: z
            .array(
                text({
                    kind: "organization",
                    reader: "GitHub",
                    allowed: "the name of an organization: letters, digits and '-'",
                    is: (each) => /^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}$/.test(each),
                }),
            )
            .min(1, {
                error: "allowed: at least one organization: everybody with an account of GitHub could sign in",
            })
            .describe(
                "Organizations whose members may sign in; groups are teams, `@organization/team`",
            ),
    }),
]);
export type SignInSettings = z.output<typeof signIn>;

/** A mail server. */
export const smtp = z.strictObject({
    address: hostPort.describe("Server, with its port"),
    from: email.describe("Sender"),
    user: freeText("each mail server has names of its own")
        .describe("User of that server")
        .optional(),
    password: secretReference
        .meta({ kind: "name and key of a Secret", whole: true })
        .describe("Its password, in the namespace of Grafana")
        .optional(),
    ca: ca.describe("Authority of the server's certificate").optional(),
});
export type SmtpSettings = z.output<typeof smtp>;
