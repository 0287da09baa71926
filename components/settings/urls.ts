import { isIP } from "node:net";

import { isDnsSubdomain } from "./kubernetesNames";

/** Addresses that people write: of hosts, and URLs of them. */

interface Address {
    readonly host: string;
    /** Empty, or what begins with a slash. */
    readonly path: string;
}

/** What a path has beside escaped bytes: RFC 3986. */
const PATH = /^(\/([-A-Za-z0-9._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*)?$/;

/** Whether a text is an http or https URL of a host, without a user, a query or a fragment. */
export function isUrl(text: string): boolean {
    return addressOf(text, /^https?:\/\//) !== undefined;
}

/** The same of a whole service: nothing comes after its host and port. */
export function isServiceUrl(text: string): boolean {
    return ["", "/"].includes(addressOf(text, /^https?:\/\//)?.path ?? "no URL");
}

/** Whether a text is a URL of a registry of OCI artifacts. */
export function isOciUrl(text: string): boolean {
    return addressOf(text, /^oci:\/\//) !== undefined;
}

/** A DNS name in lower case, or an address of either IP family; IPv6 in brackets. */
export function isHost(text: string): boolean {
    if (text.startsWith("[") && text.endsWith("]")) {
        return isIP(text.slice(1, -1)) === 6;
    }
    // What ends with a number is an address, or nothing.
    return /(^|\.)\d+$/.test(text) ? isIP(text) === 4 : isDnsSubdomain(text);
}

/** Whether a text is a name that DNS can have: no address, and no pattern. */
export function isDnsName(text: string): boolean {
    return isDnsSubdomain(text) && !/(^|\.)\d+$/.test(text);
}

/** `HOST:PORT`. */
export function isHostPort(text: string): boolean {
    const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
    return isHost(host) && isPort(port);
}

function addressOf(text: string, scheme: RegExp): Address | undefined {
    const [start = ""] = scheme.exec(text) ?? [];
    const [, authority = "", path = ""] = /^([^/?#]*)(.*)$/s.exec(text.slice(start.length)) ?? [];
    const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? [];
    return start !== "" && isHost(host) && (port === undefined || isPort(port)) && PATH.test(path)
        ? { host, path }
        : undefined;
}

function isPort(text: string): boolean {
    return /^[1-9]\d{0,4}$/.test(text) && Number(text) < 2 ** 16;
}
