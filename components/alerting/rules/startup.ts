/** Time that a server has for its first start; one that has answered already is missed at once. */
export const STARTUP = "15m";
