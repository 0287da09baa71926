import { ELASTIC_STACK_VERSION } from "../versions";
import type { Component } from "./components";
import { adaptedImage, imageText } from "./images";
import { changedAt, Fields, given, overlaid } from "./overlay";
import { ECK_IMAGES } from "./ownImages";
import { nodeFields, placementOf, pullSecrets, spreadConstraints } from "./placement";
import { withoutIds } from "./platforms";
import { commonMetadata, withImages } from "./podTemplate";
import { adaptedResources } from "./resources";
import type { AdaptationSettings } from "./settings";

/** The spec of a custom resource whose operator makes pods, by its kind: `name` is the resource's. */
export const OPERATOR_RESOURCES: Readonly<
    Record<string, (spec: unknown, name: string, settings: AdaptationSettings) => unknown>
> = {
    Redis: (spec, _, settings) => redis(spec, [[]], settings),
    RedisReplication: (spec, name, settings) =>
        spread(redis(spec, [[]], settings), [], name, settings),
    RedisSentinel: (spec, name, settings) =>
        spread(redis(spec, [[]], settings), [], `${name}-sentinel`, settings),
    RedisCluster: (spec, name, settings) => {
        const roles = ["leader", "follower"] as const;
        const places = { leader: "redisLeader", follower: "redisFollower" };
        return roles.reduce(
            (all, role) => spread(all, [places[role]], `${name}-${role}`, settings),
            redis(
                spec,
                roles.map((role) => [places[role]]),
                settings,
            ),
        );
    },
    Elasticsearch: (spec, name, settings) =>
        changedAt(
            withEckImage(spec, "Elasticsearch", settings),
            ["nodeSets", "*", "podTemplate"],
            (template) =>
                eckTemplate(template, "elasticsearch", settings, {
                    "elasticsearch.k8s.elastic.co/cluster-name": name,
                }),
        ),
    Kibana: (spec, name, settings) =>
        changedAt(withEckImage(spec, "Kibana", settings), ["podTemplate"], (template) =>
            eckTemplate(template, "kibana", settings, { "kibana.k8s.elastic.co/name": name }),
        ),
};

/** `roles` are the places of what the operator has by role in a cluster, and the spec itself otherwise. */
function redis(
    spec: unknown,
    roles: readonly (readonly string[])[],
    settings: AdaptationSettings,
): unknown {
    const { priorityClassName, ...nodes } = nodeFields(placementOf(settings, "redis"));
    const imagePullSecrets = pullSecrets(settings);
    const ignored = Object.keys(settings.commonAnnotations);
    const resources = settings.resources.redis;
    // What an instance says itself of its pods goes before what is said of all.
    const shared = overlaid(
        overlaid(given({ priorityClassName }), spec),
        imagePullSecrets ? { kubernetesConfig: { imagePullSecrets } } : {},
    );
    const placed = roles.reduce(
        (all, role) => changedAt(all, role, (own) => overlaid(nodes, own)),
        shared,
    );
    const images = [
        ["kubernetesConfig", "image"],
        ["redisExporter", "image"],
    ].reduce(
        (all, path) => withImages(all, path, settings.images),
        withoutIds(placed, ["podSecurityContext"], settings),
    );
    // An annotation of the resource would reach the pods, and a changed one restart Redis.
    const quiet = changedAt(images, ["kubernetesConfig", "ignoreAnnotations"], (own) => [
        ...(own as string[]),
        ...ignored,
    ]);
    return resources
        ? changedAt(quiet, ["kubernetesConfig", "resources"], (own) =>
              adaptedResources(own, resources),
          )
        : quiet;
}

function spread(
    spec: unknown,
    place: readonly string[],
    app: string,
    settings: AdaptationSettings,
): unknown {
    const { topologySpread } = placementOf(settings, "redis");
    return topologySpread
        ? changedAt(spec, [...place, "topologySpreadConstraints"], () =>
              spreadConstraints(topologySpread, { app }),
          )
        : spec;
}

function eckTemplate(
    template: unknown,
    component: Component & ("elasticsearch" | "kibana"),
    settings: AdaptationSettings,
    matchLabels: Fields,
): unknown {
    const placement = placementOf(settings, component);
    const resources = settings.resources[component];
    const over = {
        metadata: commonMetadata(settings),
        spec: given({
            ...nodeFields(placement),
            topologySpreadConstraints:
                placement.topologySpread &&
                spreadConstraints(placement.topologySpread, matchLabels),
            imagePullSecrets: pullSecrets(settings),
        }),
    };
    const placed = overlaid(
        template,
        Object.keys(over.metadata).length > 0 ? over : { spec: over.spec },
    );
    return resources
        ? changedAt(placed, ["spec", "containers", "*", "resources"], (own) =>
              adaptedResources(own, resources),
          )
        : placed;
}

/** ECK makes the image of the version; one that comes from elsewhere is named. */
function withEckImage(
    spec: unknown,
    kind: keyof typeof ECK_IMAGES,
    { images }: AdaptationSettings,
): unknown {
    const own = `${ECK_IMAGES[kind]}:${ELASTIC_STACK_VERSION}`;
    const image = imageText(adaptedImage(own, images));
    return image === own ? spec : overlaid(spec, { image });
}
