import type { DashboardDefinition } from "./definition";
import { alerts } from "./list/alerts";
import { application } from "./list/application";
import { argocd } from "./list/argocd";
import { backups } from "./list/backups";
import { capacity } from "./list/capacity";
import { flux } from "./list/flux";
import { fluxControllers } from "./list/fluxControllers";
import { home } from "./list/home";
import { logsPipeline } from "./list/logsPipeline";
import { probes } from "./list/probes";
import { redisCluster } from "./list/redisCluster";
import { redisInstance } from "./list/redisInstance";
import { redisOperator } from "./list/redisOperator";
import { redisPerformance } from "./list/redisPerformance";
import { redisSentinel } from "./list/redisSentinel";
import { rollouts } from "./list/rollouts";
import { slo } from "./list/slo";
import { tracesPipeline } from "./list/tracesPipeline";

/** Every dashboard of ours. */
export const DASHBOARD_LIST: readonly DashboardDefinition[] = [
    home,
    redisOperator,
    redisInstance,
    redisSentinel,
    redisCluster,
    redisPerformance,
    flux,
    fluxControllers,
    argocd,
    rollouts,
    application,
    logsPipeline,
    tracesPipeline,
    slo,
    backups,
    probes,
    alerts,
    capacity,
];
