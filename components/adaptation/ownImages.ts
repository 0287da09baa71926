import { IMAGES } from "../versions";
import { repositoryOf } from "./images";

/** Images that ECK makes of a custom resource's version. */
export const ECK_IMAGES = {
    Elasticsearch: "docker.elastic.co/elasticsearch/elasticsearch",
    Kibana: "docker.elastic.co/kibana/kibana",
} as const;

const ELASTIC = "its version is that of components/versions.ts, which ECK is told as well";
const REDIS = "its tag is the instance's version, redis.<namespace>.instances.<name>.version";

/** Repositories whose tag something else decides, with what that is. */
export const FIXED_TAGS: Readonly<Record<string, string>> = {
    [ECK_IMAGES.Elasticsearch]: ELASTIC,
    [ECK_IMAGES.Kibana]: ELASTIC,
    [repositoryOf(IMAGES.redis)]: REDIS,
    [repositoryOf(IMAGES.redisSentinel)]: REDIS,
};

/** Repositories of the images that no chart brings. */
export function ownRepositories(): string[] {
    return [...Object.values(IMAGES).map(repositoryOf), ...Object.values(ECK_IMAGES)];
}
