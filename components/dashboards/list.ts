import type { DashboardDefinition } from "./definition";
import { home } from "./list/home";
import { redisInstance } from "./list/redisInstance";
import { redisSentinel } from "./list/redisSentinel";

/** Every dashboard of ours. */
export const DASHBOARD_LIST: readonly DashboardDefinition[] = [home, redisInstance, redisSentinel];
