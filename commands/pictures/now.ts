/** When the pictures are of, in seconds: fixed, so that they are the same at every run. A Thursday, 03:00 UTC. */
export const NOW = Date.UTC(2026, 11, 3, 3) / 1000;
