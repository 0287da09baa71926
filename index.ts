import * as pulumi from "@pulumi/pulumi";

import { adaptation } from "./components/adaptation/adaptation";
import { findCluster } from "./components/stack/clusterIdentity";
import { loadConfig } from "./components/stack/config";
import { heldBack } from "./components/stack/declarations";
import { installEnvironment } from "./components/stack/environment";
import { backupPasswords, redisOutputs, redisPasswords } from "./components/stack/outputs";
import { ownerPlatform } from "./components/stack/ownerPlatform";
import { installPlatform } from "./components/stack/platform";
import { clusterProviders } from "./components/stack/providers";
import { checkOldVolumes } from "./components/stack/oldVolumes";
import { checkVolumes, readVolumesOf } from "./components/stack/readVolumes";
import { recordedState } from "./components/stack/recordedState";
import { resumeInterrupted } from "./components/stack/resumption";
import { EXEMPT, Safeguards } from "./components/stack/safeguards";
import { declaredVolumes } from "./components/stack/volumes";

/** One stack is one environment: an owner installs its cluster's platform, a tenant uses the owner's. */
export = (): Promise<pulumi.Inputs> =>
    heldBack(EXEMPT, async (declarations) => {
        const config = loadConfig();
        pulumi.runtime.registerStackTransformation(adaptation(config));
        declarations.watch();
        const [recorded, { found, cluster }, volumes] = await Promise.all([
            recordedState(config.project, config.stack),
            findCluster(config.kubeContext),
            readVolumesOf(config.kubeContext),
        ]);
        const safeguards = new Safeguards(config, declarations, recorded, found);
        checkVolumes(declaredVolumes(config), volumes, config.stack);
        checkOldVolumes(config, recorded, volumes);
        resumeInterrupted(cluster, recorded, config.dataProtection);
        const { clusterIdentifier, clusterUid, keptBackups } = safeguards;
        const owner =
            config.cluster.role === "tenant"
                ? await ownerPlatform(config.cluster.ownerStack, clusterUid)
                : undefined;
        const providers = clusterProviders({ ...config, clusterIdentifier });
        const platform = owner ?? installPlatform(config, providers, recorded, keptBackups);
        const opts = { provider: providers.cluster };
        const redis = installEnvironment(config, platform, keptBackups, opts);
        await safeguards.release(platform.chartsRead);
        const stores = [platform, ...redis].map(({ backups }) => backups?.store);
        return {
            ...platform.outputs,
            ...(clusterUid ? { clusterUid } : {}),
            redis: redisOutputs(redis, config.kubeContext),
            redisPasswords: redisPasswords(redis),
            backupPasswords: backupPasswords(stores),
        };
    });
