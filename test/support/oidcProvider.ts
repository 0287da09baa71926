import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { PrivateAuthority, tlsServer } from "./authority";

/** Who is in front of the browser, as the provider knows them. */
export interface Person {
    readonly email: string;
    readonly groups: readonly string[];
}

export interface OidcProvider {
    readonly issuer: string;
    /** Whoever opens its page from now on is this one. */
    signIn(person: Person): void;
    close(): Promise<void>;
}

interface Grant {
    readonly person: Person;
    readonly redirectUri: string;
    readonly challenge: string;
    readonly nonce: string | null;
}

/**
 * An OpenID provider on loopback for one client, which asks nobody for a password. It checks what a real one does: the
 * client and its secret, where it sends people back to, and the proof key (RFC 7636).
 */
export async function startOidcProvider(
    authority: PrivateAuthority,
    client: {
        readonly id: string;
        readonly secret: string;
        readonly redirectUris: readonly string[];
    },
): Promise<OidcProvider> {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const grants = new Map<string, Grant>();
    let present: Person = { email: "nobody@example.com", groups: [] };

    const idToken = ({ person, nonce }: Grant): string => {
        const now = Math.floor(Date.now() / 1000);
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const signed = [
            part({ alg: "RS256", typ: "JWT", kid: "1" }),
            part({
                ...{ iss: server.url, aud: client.id, iat: now, exp: now + 3600 },
                ...{ sub: person.email, ...person, email_verified: true },
                ...(nonce === null ? {} : { nonce }),
            }),
        ].join(".");
        const signature = createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url");
        return `${signed}.${signature}`;
    };

    const authorize = (query: URLSearchParams, response: ServerResponse): void => {
        const redirectUri = query.get("redirect_uri") ?? "";
        const right =
            query.get("response_type") === "code" &&
            query.get("client_id") === client.id &&
            query.get("code_challenge_method") === "S256" &&
            client.redirectUris.includes(redirectUri);
        if (!right) {
            json(response, 400, { error: "invalid_request" });
            return;
        }
        const code = randomBytes(16).toString("hex");
        const challenge = query.get("code_challenge") ?? "";
        grants.set(code, { person: present, redirectUri, challenge, nonce: query.get("nonce") });
        const back = new URL(redirectUri);
        back.search = String(new URLSearchParams({ code, state: query.get("state") ?? "" }));
        response.writeHead(302, { location: String(back) }).end();
    };

    const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const form = new URLSearchParams(await text(request));
        const code = form.get("code") ?? "";
        const grant = grants.get(code);
        // Once.
        grants.delete(code);
        const basic = Buffer.from(
            request.headers.authorization?.replace(/^Basic /, "") ?? "",
            "base64",
        ).toString();
        const secret = form.get("client_secret") ?? basic.split(":")[1];
        const proof = createHash("sha256")
            .update(form.get("code_verifier") ?? "")
            .digest("base64url");
        const right =
            secret === client.secret &&
            grant?.challenge === proof &&
            grant.redirectUri === form.get("redirect_uri");
        json(
            response,
            right ? 200 : 400,
            right
                ? {
                      access_token: randomBytes(16).toString("hex"),
                      token_type: "Bearer",
                      expires_in: 3600,
                      id_token: idToken(grant),
                  }
                : { error: "invalid_grant" },
        );
    };

    const server = await tlsServer(authority, (request, response) => {
        const url = new URL(request.url ?? "/", "https://provider");
        switch (url.pathname) {
            case "/.well-known/openid-configuration":
                return json(response, 200, {
                    issuer: server.url,
                    authorization_endpoint: `${server.url}/authorize`,
                    token_endpoint: `${server.url}/token`,
                    jwks_uri: `${server.url}/keys`,
                    response_types_supported: ["code"],
                    subject_types_supported: ["public"],
                    id_token_signing_alg_values_supported: ["RS256"],
                    code_challenge_methods_supported: ["S256"],
                });
            case "/keys": {
                const key = { ...publicKey.export({ format: "jwk" }), kid: "1", use: "sig" };
                return json(response, 200, { keys: [{ ...key, alg: "RS256" }] });
            }
            case "/authorize":
                return authorize(url.searchParams, response);
            case "/token":
                return void token(request, response);
            default:
                return json(response, 404, { error: "not_found" });
        }
    });
    return {
        issuer: server.url,
        signIn: (person) => {
            present = person;
        },
        close: server.close,
    };
}

function json(response: ServerResponse, status: number, body: object): void {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
