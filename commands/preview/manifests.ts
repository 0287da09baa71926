import { stringify } from "yaml";

import type { Registration } from "../../lab/program/program";
import { withSecrets } from "../../lab/program/secrets";

/** A file of `rendered/<stack>/`, by its path there. */
export type RenderedFiles = Readonly<Record<string, string>>;

const RELEASE = "kubernetes:helm.sh/v3:Release";

/** The manifests and Helm values of a run: one file per object, secrets masked, the same text at every run. */
export function renderManifests(registrations: readonly Registration[]): RenderedFiles {
    const files: Record<string, string> = {};
    for (const registration of registrations) {
        if (registration.type === RELEASE) {
            const { chart, version, name, namespace, values } = masked(registration.inputs);
            files[`${text(namespace)}/helm-values-${text(name)}.yaml`] =
                `# ${text(chart)} ${text(version)}\n${toYaml(values)}`;
        } else if (registration.type.startsWith("kubernetes:")) {
            const manifest = { ...masked(registration.inputs), ...shownData(registration) };
            files[manifestPath(manifest)] = toYaml(manifest);
        }
    }
    return files;
}

function manifestPath(manifest: Record<string, unknown>): string {
    const { name, namespace } = manifest.metadata as Record<string, unknown>;
    const folder = namespace === undefined ? "cluster" : text(namespace);
    return `${folder}/${text(manifest.kind).toLowerCase()}-${text(name)}.yaml`;
}

/** Secret values are not rendered, not even the stand-ins: what is rendered may be shared. */
function masked(inputs: Record<string, unknown>): Record<string, unknown> {
    return withSecrets(inputs, () => MASK) as Record<string, unknown>;
}

/** The data of a Secret by its keys, with the values that are no secret. */
function shownData({ inputs, publicKeys }: Registration): { readonly stringData?: object } {
    if (publicKeys === undefined) {
        return {};
    }
    const { secret } = inputs.stringData as { secret: Record<string, unknown> };
    const entries = Object.entries(secret).map(([key, value]) => [
        key,
        publicKeys.includes(key) ? value : MASK,
    ]);
    return { stringData: Object.fromEntries(entries) as object };
}

const MASK = "[secret]";

function toYaml(value: unknown): string {
    return stringify(value, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}

function text(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
