import * as fs from "node:fs";

import type { ControlPlane } from "./controlPlane";
import { redisOperatorCrds } from "./crdFiles";
import { applyCrds } from "./crdKinds";
import { freePorts } from "./ports";

const PROCESS = "redis-operator";
/** Names the operator's binary, which is no Go module that could be had. */
const VARIABLE = "REDIS_OPERATOR";
/** Names that of another version, for its upgrade. */
const OLDER = "REDIS_OPERATOR_OLDER";

/** Why the real Redis operator cannot run here; undefined when it can. */
export function redisOperatorProblem(): string | undefined {
    const binary = process.env[VARIABLE];
    if (!binary) {
        return `it needs the Redis operator: ${VARIABLE} names its binary, as \`go build ./cmd\` in its repository makes it`;
    }
    if (!fs.existsSync(binary)) {
        return `${VARIABLE} names ${binary}, which is not there`;
    }
    return redisOperatorCrds()
        ? undefined
        : "it needs the CRDs of the Redis operator: REDIS_OPERATOR_CRDS names the folder config/crd/bases of its repository";
}

/** The binary of an older operator, or undefined when none is given. */
export function olderRedisOperator(): string | undefined {
    return process.env[OLDER] || undefined;
}

/** Gives the API server the operator's kinds. */
export async function applyRedisCrds(plane: ControlPlane): Promise<void> {
    await applyCrds(plane, redisOperatorCrds() ?? [], PROCESS);
}

/** Runs the operator beside the control plane, as its pod would; what it says is the log `redis-operator`. */
export async function startRedisOperator(
    { processes, kubeconfig }: ControlPlane,
    binary = process.env[VARIABLE] ?? "",
): Promise<void> {
    const [metrics, health] = await freePorts(2);
    processes.start(
        PROCESS,
        binary,
        [
            "manager",
            "--enable-webhooks=false",
            `--metrics-bind-address=127.0.0.1:${metrics}`,
            `--health-probe-bind-address=127.0.0.1:${health}`,
        ],
        { ...process.env, KUBECONFIG: kubeconfig },
    );
}

export function stopRedisOperator({ processes }: ControlPlane): Promise<void> {
    return processes.stop(PROCESS);
}
