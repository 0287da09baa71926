/** `critical` pages, `warning` goes to chat, `info` to nobody unless a receiver asks for it. */
export const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];
