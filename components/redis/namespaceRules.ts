import { stringify } from "yaml";

import { RULE_BYTES, RuleGroup } from "../alerting/prometheusRule";
import { thresholdsOf } from "../alerting/rules/redis";
import { declaredRules } from "../alerting/rules/redis/declared";
import type { Problem } from "../settings/problems";
import type { RedisNamespaceSettings } from "./instanceSettings";
import { declaredExternals } from "./redisExternal";
import { redisPods } from "./redisSpecs";

/** What the instances of a namespace declare; the rules that read it are the stack's. */
export function redisNamespaceRules(
    namespaceName: string,
    { instances, external }: Pick<RedisNamespaceSettings, "instances" | "external">,
    owner: { readonly environment: string; readonly team: string },
): RuleGroup[] {
    const declared = Object.entries(instances).map(([instance, settings]) => ({
        instance,
        workloads: redisPods(instance, settings),
        thresholds: thresholdsOf(settings.alerts ?? {}),
    }));
    return [declaredRules(namespaceName, [...declared, ...declaredExternals(external)], owner)];
}

/** No name is longer. */
const LONGEST_NAME = "n".repeat(63);

/** A namespace whose PrometheusRule the operator would refuse, with all that is declared in it. */
export function ruleSizeProblems(namespace: string, settings: RedisNamespaceSettings): Problem[] {
    const owner = { environment: LONGEST_NAME, team: settings.team ?? LONGEST_NAME };
    const groups = redisNamespaceRules(namespace, settings, owner);
    const size = Buffer.byteLength(stringify({ groups }, { lineWidth: 0 }));
    const instances = Object.keys(settings.instances).length;
    return size <= RULE_BYTES
        ? []
        : [
              {
                  path: `redis.${namespace}.instances`,
                  got: `${instances} instances, whose PrometheusRule has ${size} bytes`,
                  allowed: `at most ${RULE_BYTES} bytes, above which the Prometheus Operator drops it with all of its rules: about ${Math.floor((instances * RULE_BYTES) / size)} instances in a namespace; move some to another one`,
              },
          ];
}
