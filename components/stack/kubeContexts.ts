import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { Problem, show, suggestion } from "../settings/problems";

interface Kubeconfig {
    readonly contexts?: readonly { readonly name: string }[];
}

/**
 * A context that no kubeconfig has, with those that there are. The provider would preview as if there were no cluster,
 * and an update would fail at its first object. Where there is no kubeconfig at all, nothing can be said.
 */
export function kubeContextProblems(
    kubeContext: string,
    env: Readonly<Record<string, string | undefined>> = process.env,
): Problem[] {
    const files = kubeconfigFiles(env).filter((file) => fs.existsSync(file));
    if (kubeContext === "" || files.length === 0) {
        return [];
    }
    const contexts = files.flatMap(contextsOf);
    if (contexts.includes(kubeContext)) {
        return [];
    }
    return [
        {
            path: "kubeContext",
            got: show(kubeContext),
            allowed: `${suggestion(kubeContext, contexts)}a context of ${files.join(", ")}: ${contexts.join(", ") || "it has none"}`,
        },
    ];
}

/** Whether there is any kubeconfig here. */
export function hasKubeconfig(): boolean {
    return kubeconfigFiles(process.env).some((file) => fs.existsSync(file));
}

/** As kubectl finds them: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/. */
function kubeconfigFiles(env: Readonly<Record<string, string | undefined>>): string[] {
    return env.KUBECONFIG
        ? env.KUBECONFIG.split(path.delimiter).filter((file) => file !== "")
        : [path.join(env.HOME ?? os.homedir(), ".kube", "config")];
}

function contextsOf(file: string): string[] {
    try {
        const { contexts } = (parse(fs.readFileSync(file, "utf8")) ?? {}) as Kubeconfig;
        return (contexts ?? []).map(({ name }) => name);
    } catch (error) {
        throw new pulumi.RunError(`kubeconfig ${file} cannot be read: ${String(error)}`);
    }
}
