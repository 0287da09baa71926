/** A page and what is over, to everyone who is on duty. */
export const page = (what: string): string => `chat, pager: [CRITICAL] ${what} (prod)`;
export const pageOver = (what: string): string => `chat, pager: [RESOLVED] ${what} (prod)`;
/** A message in the chat. */
export const warning = (what: string): string => `chat: [WARNING] ${what} (prod)`;
export const warningOver = (what: string): string => `chat: [RESOLVED] ${what} (prod)`;
