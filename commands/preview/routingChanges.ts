/** Lines of a change that are shown; more are counted. */
const SHOWN = 12;

/** What changed in who is told of what, against docs/routes/<stack>.txt, whose text is `before`. */
export function routingChanges(
    stack: string,
    now: readonly string[],
    before: string | undefined,
): string[] {
    const file = `docs/routes/${stack}.txt`;
    if (before === undefined) {
        return [`routing: ${file} is not there yet; npm run routes writes it`];
    }
    const then = before.trimEnd().split("\n");
    const changes = [
        ...then.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
        ...now.filter((line) => !then.includes(line)).map((line) => `+ ${line}`),
        // By the alert, so that what it was and what it is stand together.
    ].sort((a, b) => a.slice(2).localeCompare(b.slice(2)) || a.localeCompare(b));
    if (changes.length === 0) {
        return [`routing: as in ${file}`];
    }
    const rest = changes.length - SHOWN;
    return [
        `routing: ${changes.length === 1 ? "a line differs" : `${changes.length} lines differ`} from ${file}; npm run routes writes it anew`,
        ...changes.slice(0, SHOWN).map((line) => `  ${line}`),
        ...(rest > 0 ? [`  and ${rest} more`] : []),
    ];
}
