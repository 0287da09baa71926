/** A page that shows pictures as they are now, and beside each what it was before; that one may be missing. */
export function comparison(uids: readonly string[], shots: readonly string[]): string {
    const picture = (source: string, words: string) =>
        `<figure><figcaption>${words}</figcaption><a href="${source}"><img src="${source}" alt="none"></a></figure>`;
    const pairs = uids.flatMap((uid) =>
        shots.map((shot) => {
            const file = `${uid}-${shot}.png`;
            return `<h2>${uid}, ${shot}</h2>\n<div>${picture(`before/${file}`, "before")}${picture(file, "now")}</div>`;
        }),
    );
    return [
        '<!doctype html><meta charset="utf-8"><title>Dashboards, before and now</title>',
        "<style>body{font-family:sans-serif}div{display:flex}figure{flex:1;margin:4px}img{width:100%}</style>",
        ...pairs,
        "",
    ].join("\n");
}
