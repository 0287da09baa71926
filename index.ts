import * as pulumi from "@pulumi/pulumi";

import { loadConfig } from "./components/stack/config";
import { installEnvironment } from "./components/stack/environment";
import { backupPasswords, redisOutputs, redisPasswords } from "./components/stack/outputs";
import { ownerPlatform } from "./components/stack/ownerPlatform";
import { installPlatform } from "./components/stack/platform";
import { clusterProviders } from "./components/stack/providers";

/** One stack is one environment: an owner installs its cluster's platform, a tenant uses the owner's. */
export = async (): Promise<pulumi.Inputs> => {
    const config = loadConfig();
    const providers = clusterProviders(config);
    const platform =
        config.cluster.role === "owner"
            ? await installPlatform(config, providers)
            : await ownerPlatform(config.cluster.ownerStack);
    const redis = installEnvironment(config, platform, { provider: providers.cluster });
    return {
        ...platform.outputs,
        redis: redisOutputs(redis, config.kubeContext),
        redisPasswords: redisPasswords(redis),
        backupPasswords: backupPasswords([platform, ...redis].map(({ backups }) => backups?.store)),
    };
};
