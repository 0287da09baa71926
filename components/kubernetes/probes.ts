/**
 * Of liveness probes that a process answers in a moment unless its node is busy: two minutes without an answer, and not
 * the three seconds of Kubernetes' defaults, are a reason to kill it. What is killed for being slow is slower after.
 */
export const PATIENT = { periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 12 } as const;
