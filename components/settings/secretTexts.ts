/** What tells that a text is a secret, whatever key it stands at: forms that services give what logs in. Each is linear in the text. */
const SECRETS: readonly (readonly [what: string, form: RegExp])[] = [
    ["a URL with a password", /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#@]{0,256}:[^\s/?#@]{0,256}@/i],
    ["a URL with a user", /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#@]{1,256}@/i],
    [
        "a webhook's URL",
        /\b(hooks\.slack\.com\/(services|workflows|triggers)|discord(app)?\.com\/api\/webhooks|webhook\.office\.com|logic\.azure\.com|qyapi\.weixin\.qq\.com\/cgi-bin\/webhook|oapi\.dingtalk\.com\/robot\/send|open\.(feishu|larksuite)\.c[a-z]+\/open-apis\/bot|hc-ping\.com\/|events\.pagerduty\.com\/integration\/)/i,
    ],
    [
        "a URL with a token",
        /[?&](access_token|api_?key|auth|code|key|password|pwd|secret|sig|signature|token|x-amz-signature)=[^&\s]/i,
    ],
    ["a private key", /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----|"private_key"\s*:/],
    ["an AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
    ["a Slack token", /\bxox[abeoprs]-[A-Za-z0-9-]{8,}/],
    ["a GitHub token", /\b(gh[opsru]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/],
    ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{16,}/],
    ["a Google API key", /\bAIza[A-Za-z0-9_-]{30,}/],
    ["a Grafana token", /\bgl(sa|c)_[A-Za-z0-9_=]{20,}/],
    ["a Pulumi token", /\bpul-[0-9a-f]{30,}/],
    ["a JSON Web Token", /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/],
    ["a DingTalk signing secret", /\bSEC[0-9a-f]{32,}\b/],
    ["HTTP credentials", /\b(basic|bearer)\s+[A-Za-z0-9+/._=-]{16,}/i],
    ["a password", /\b(password|passwd|pwd|api_?key)\s*[=:]\s*\S|\b(secret|token)\s*=\s*\S/i],
    ["a key in hexadecimal", /(?<!sha256:)\b[0-9a-f]{32,}\b/i],
];

/** A tag may be a commit's hash. */
const IMAGE = /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+:[0-9a-f]{7,64}$/;

/** Names of values that people keep secret, in any spelling: `smtp_password`, `clientSecret`, `API_KEY`. */
const SECRET_NAME =
    /(pass(word|wd|phrase)|(client|signing|shared)[-_]?secret|(auth|access|bearer|bot|api)[-_]?token|(api|private|secret|access|encryption)[-_]?key)$/i;

/** Whether a value by its name alone is a secret in clear: no reference to what a program reads from elsewhere. */
export function isSecretByName(name: string, value: unknown): boolean {
    return (
        typeof value === "string" &&
        value !== "" &&
        !value.startsWith("$") &&
        SECRET_NAME.test(name)
    );
}

/** What kind of secret a text is or holds; undefined when nothing tells that it is one. */
export function secretIn(text: string): string | undefined {
    return IMAGE.test(text) ? undefined : SECRETS.find(([, form]) => form.test(text))?.[0];
}
