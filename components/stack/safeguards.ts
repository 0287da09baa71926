import * as pulumi from "@pulumi/pulumi";

import { compareClusters, FoundCluster, IDENTITY, recordedCluster } from "./clusterIdentity";
import type { StackConfig } from "./config";
import { formatLosses, losses } from "./dataHolders";
import type { Declarations } from "./declarations";
import { describeEffect, effects } from "./effects";
import { keptBackupStores } from "./keptBackups";
import type { Recorded } from "./recordedState";

/** What does not wait for the rest: the identity is in the state before anything is in the cluster. */
export const EXEMPT: readonly string[] = [IDENTITY];

/** What stands between a changed configuration and the data; see docs/adr/0019-identity-and-recovery.md. */
export class Safeguards {
    /** UID of the cluster, where it is known. */
    public readonly clusterUid: string | undefined;
    /** For the providers. */
    public readonly clusterIdentifier: string;
    /** Stores of backups that are kept although nobody asks for them any more. */
    public readonly keptBackups: readonly string[];

    /** Throws a `RunError` when the context is not the stack's cluster. */
    constructor(
        private readonly config: StackConfig,
        private readonly declarations: Declarations,
        private readonly recorded: readonly Recorded[],
        found: FoundCluster,
    ) {
        const known = recordedCluster(recorded);
        this.clusterUid = compareClusters(known, found, config, !pulumi.runtime.isDryRun());
        this.clusterIdentifier = known.identifier ?? config.cluster.name;
        this.keptBackups = keptBackupStores(recorded, config.dataProtection.allowReplace);
    }

    /**
     * Lets everything that was declared register, once nothing of it loses data that the configuration does not name;
     * throws a `RunError` otherwise. An update waits for the charts that the program reads, too.
     */
    async release(chartsRead: Promise<unknown> | undefined): Promise<void> {
        this.refuseLosses();
        this.tellEffects();
        const identity = this.clusterUid
            ? // The stack's first value stays until it is deleted, whatever comes later.
              new pulumi.Stash(IDENTITY, { input: this.clusterUid })
            : undefined;
        this.guardDestroy();
        this.declarations.releaseProviders();
        if (!pulumi.runtime.isDryRun()) {
            await Promise.all([chartsRead, identity && settled(identity.urn)]);
        }
        this.declarations.releaseAll();
    }

    private refuseLosses(): void {
        const { allowReplace } = this.config.dataProtection;
        const found = losses(this.recorded, this.declarations.all);
        const refused = found.filter(({ name }) => !allowReplace.includes(name));
        if (refused.length > 0) {
            throw new pulumi.RunError(formatLosses(refused, this.config.stack));
        }
        for (const { name, what, effect } of found) {
            void pulumi.log.warn(`${name}: ${what}, as allowReplace says; ${effect}`);
        }
        const idle = allowReplace.filter((name) => !found.some((each) => each.name === name));
        if (idle.length > 0) {
            void pulumi.log.warn(
                `dataProtection.allowReplace: ${idle.join(", ")}: nothing of that name is deleted or replaced now. ` +
                    "Remove it, so that it does not allow what comes later.",
            );
        }
    }

    /** Says what changed values do to data, pods and clients; refuses what the cluster would not take. */
    private tellEffects(): void {
        const found = effects(this.recorded, this.declarations.all);
        const refused = found.filter((each) => each.refused);
        if (refused.length > 0) {
            throw new pulumi.RunError(
                [
                    `Stack "${this.config.stack}" cannot be changed so; nothing was registered.`,
                    ...refused.map((each) => `  ${describeEffect(each)}`),
                    "Take the change back.",
                ].join("\n"),
            );
        }
        found.forEach((each) => void pulumi.log.warn(describeEffect(each)));
    }

    /**
     * `destroy` deletes what nothing depends on first. This depends on everything, so that a protected stack stops
     * here, with nothing deleted.
     */
    private guardDestroy(): void {
        const everything = this.declarations.all
            .map(({ resource }) => resource)
            .filter((resource) => pulumi.CustomResource.isInstance(resource));
        new pulumi.Stash(
            "destroy-guard",
            { input: "deleted first, and so protects the rest" },
            { protect: this.config.dataProtection.protect, dependsOn: everything },
        );
    }
}

function settled(urn: pulumi.Output<string>): Promise<string> {
    return new Promise((resolve) => urn.apply(resolve));
}
