import { bytes } from "../settings/quantity";

/** Seconds between two probes, and seconds that one may take. */
const PERIOD = 10;
const TIMEOUT = 10;
/** Seconds without an answer that every Redis may take: a busy node, a slow command. */
const BASE = 120;
/**
 * Seconds for each gibibyte of memory on top: a fork and a full disk stop Redis in proportion to what it holds.
 * Loading took 25 s a gibibyte where it was measured, and does not count: the port is open before.
 */
const SECONDS_PER_GIBIBYTE = 60;

/**
 * Whether a process is alive: it accepts a connection. Without one of its own, a container has the operator's: PING must
 * answer PONG within a second, which a Redis that loads its data does not, so that it is killed and loads again, for
 * ever. Readiness stays the operator's: no client is sent to a Redis that does not answer.
 */
export function liveness(port: number, memory: string): object {
    const patience = BASE + (bytes(memory) / 2 ** 30) * SECONDS_PER_GIBIBYTE;
    return {
        tcpSocket: { port },
        periodSeconds: PERIOD,
        timeoutSeconds: TIMEOUT,
        failureThreshold: Math.ceil(patience / PERIOD),
    };
}
