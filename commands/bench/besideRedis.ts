import type { Series } from "./ruleSeries";

/**
 * The same population with applications: of each Redis workload one that uses it, a Deployment with one pod, in a namespace of
 * applications. Redis itself has no Deployments.
 */
export function besideRedis(series: readonly Series[]): Series[] {
    return series.flatMap((each): Series[] => {
        const { namespace, deployment, pod, container } = each.labels;
        if (deployment !== undefined && namespace !== undefined) {
            return [{ ...each, labels: { ...each.labels, namespace: applications(namespace) } }];
        }
        // The first pod of each StatefulSet, with what is not its exporter.
        const app = /^(.+)-0$/.exec(pod ?? "")?.[1];
        return app === undefined ||
            namespace === undefined ||
            each.name.startsWith("redis_") ||
            each.labels.redis_setup_type !== undefined ||
            (container !== undefined && container !== app)
            ? [each]
            : [
                  each,
                  {
                      ...each,
                      labels: {
                          ...each.labels,
                          namespace: applications(namespace),
                          pod: `${app}-6d4cf56db6-x2x4z`,
                      },
                  },
              ];
    });
}

function applications(namespace: string): string {
    return `${namespace}-apps`;
}
