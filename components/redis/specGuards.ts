import { SpecGuards, specKinds } from "../kubernetes/customSpec";

const EXPORTER = "nothing: the monitor, the policies and every alert rest on its exporter";
const ENVIRONMENT = "nothing: pods restart by it when what only a start reads has changed";

/** Places of what a cluster has by role, and the other kinds at the top. */
const POD: SpecGuards = {
    affinity: "scheduling.redis.affinity",
    nodeSelector: "scheduling.redis, or pods.nodeSelector of the instance",
    tolerations: "scheduling.redis, or pods.tolerations of the instance",
    topologySpreadConstraints: "scheduling.redis, or pods.zones and pods.nodes of the instance",
    pdb: "pods.maxUnavailable of the instance",
    terminationGracePeriodSeconds: "pods.terminationGracePeriodSeconds of the instance",
    redisConfig: "config and maxMemoryPercentOfLimit of the instance",
};

/** What of a Redis' spec something rests on, by its place, and what to set instead. */
const GUARDS: SpecGuards = {
    ...POD,
    "kubernetesConfig.image": "version of the instance, or images.overrides",
    "kubernetesConfig.imagePullSecrets": "images.pullSecrets",
    "kubernetesConfig.resources": "memory and cpu of the instance, or pods.cpuLimit",
    "kubernetesConfig.redisSecret": "redisPasswords",
    "kubernetesConfig.ignoreAnnotations":
        "nothing: pods would restart for annotations of the program",
    "kubernetesConfig.updateStrategy": "pods.updates of the instance",
    "kubernetesConfig.minReadySeconds": "pods.minReadySeconds of the instance",
    "kubernetesConfig.persistentVolumeClaimRetentionPolicy": "nothing: volumes outlive their Redis",
    "storage.keepAfterDelete": "nothing: volumes outlive their Redis",
    "storage.volumeClaimTemplate": "storageSize of the instance, and storageClasses.redis",
    "storage.nodeConfVolume": "nothing: a member without it forgets its cluster",
    "storage.nodeConfVolumeClaimTemplate": "cluster.minimumVolumeSize, and storageClasses.redis",
    persistenceEnabled: "storageSize of the instance",
    acl: "users of the instance",
    TLS: "tls of the instance",
    "redisExporter.enabled": EXPORTER,
    "redisExporter.port": EXPORTER,
    "redisExporter.env": "exporter of the instance",
    "redisExporter.image": "images.overrides",
    "env.USERS_VERSION": ENVIRONMENT,
    "env.PODS_RESTART_FOR": ENVIRONMENT,
    clusterSize: "replicas or shards of the instance",
    clusterVersion: "version of the instance",
    sentinel: "mode: sentinel",
    port: "nothing: policies, monitors and backups know the port",
    priorityClassName: "scheduling.redis, or pods.priorityClassName of the instance",
    resources: "memory and cpu of the instance",
    "redisLeader.replicas": "shards of the instance",
    "redisFollower.replicas": "shards of the instance",
    ...ofRoles(["redisLeader", "redisFollower"]),
};

/** The same of its Sentinels, whose own settings are few. */
const SENTINEL_GUARDS: SpecGuards = {
    ...POD,
    "kubernetesConfig.image": "version of the instance, or images.overrides",
    "kubernetesConfig.imagePullSecrets": "images.pullSecrets",
    "kubernetesConfig.resources": "resources.redis",
    "kubernetesConfig.redisSecret": "redisPasswords",
    "kubernetesConfig.ignoreAnnotations":
        "nothing: pods would restart for annotations of the program",
    "kubernetesConfig.updateStrategy": "pods.updates of the instance",
    "kubernetesConfig.minReadySeconds": "pods.minReadySeconds of the instance",
    "redisSentinelConfig.redisReplicationName": "nothing: they watch the instance of their name",
    "redisSentinelConfig.masterGroupName": "nothing: clients ask for the master by this name",
    "redisSentinelConfig.redisPort": "nothing: policies, monitors and backups know the port",
    "redisSentinelConfig.redisReplicationPassword": "redisPasswords",
    "redisSentinelConfig.additionalSentinelConfig": "tls of the instance",
    "redisSentinelConfig.quorum": "quorum of the instance",
    TLS: "tls of the instance",
    "redisExporter.enabled": EXPORTER,
    "redisExporter.port": EXPORTER,
    "redisExporter.image": "images.overrides",
    clusterSize: "sentinels of the instance",
    priorityClassName: "scheduling.redis, or pods.priorityClassName of the instance",
};

function ofRoles(roles: readonly string[]): SpecGuards {
    return Object.fromEntries(
        roles.flatMap((role) =>
            Object.entries(POD).map(([place, instead]) => [`${role}.${place}`, instead]),
        ),
    );
}

/** The kinds that hold data, and the one that watches them. */
export const REDIS_KINDS = specKinds(__dirname, {
    Redis: GUARDS,
    RedisReplication: GUARDS,
    RedisSentinel: SENTINEL_GUARDS,
    RedisCluster: GUARDS,
});
