import type { LinkJson } from "./types";

export type DashboardLink = LinkJson;

/** To another dashboard, with the variables and the time of this one. */
export function dashboardLink(uid: string, title: string): DashboardLink {
    return link(title, `/d/${uid}`, { includeVars: true, keepTime: true });
}

/** All dashboards with a tag, as a menu. */
export function dashboardMenu(title: string, tag: string): DashboardLink {
    return {
        title,
        type: "dashboards",
        icon: "external link",
        tooltip: "",
        tags: [tag],
        asDropdown: true,
        targetBlank: false,
        includeVars: true,
        keepTime: true,
    };
}

/** Somewhere else, in a tab of its own. */
export function externalLink(title: string, url: string): DashboardLink {
    return { ...link(title, url, { includeVars: false, keepTime: false }), targetBlank: true };
}

/**
 * Grafana's Explore, on one query, at the time of the dashboard. Variables in the query are filled in.
 * https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#share-explore-urls
 */
export function exploreLink(
    title: string,
    dataSource: { readonly type: string; readonly uid: string },
    query: Readonly<Record<string, unknown>>,
): DashboardLink {
    const panes = {
        a: {
            datasource: dataSource.uid,
            queries: [{ refId: "A", datasource: dataSource, ...query }],
            range: { from: "${__from}", to: "${__to}" },
        },
    };
    return externalLink(title, `/explore?schemaVersion=1&panes=${encoded(JSON.stringify(panes))}`);
}

/** Encoded for a URL, except variables, which Grafana looks for in the address. */
export function encoded(text: string): string {
    return text
        .split(/(\$\{[^}]+\})/)
        .map((part, place) => (place % 2 === 1 ? part : encodeURIComponent(part)))
        .join("");
}

function link(
    title: string,
    url: string,
    keep: { readonly includeVars: boolean; readonly keepTime: boolean },
): DashboardLink {
    return {
        title,
        type: "link",
        icon: "external link",
        tooltip: "",
        url,
        tags: [],
        asDropdown: false,
        targetBlank: false,
        ...keep,
    };
}
