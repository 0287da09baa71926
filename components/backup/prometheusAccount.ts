import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";

const NAME = "backup-prometheus";
const RBAC = "rbac.authorization.k8s.io";

/** A ServiceAccount that reads the Prometheus Operator's resources everywhere, and the named Secrets; nothing else. */
export function prometheusAccount(
    name: string,
    namespace: pulumi.Input<string>,
    secretNames: readonly string[],
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const metadata = { name: NAME, namespace, labels: PART_OF };
    const account = new k8s.core.v1.ServiceAccount(
        `${name}-service-account`,
        { metadata, automountServiceAccountToken: false },
        opts,
    );
    const subjects = [{ kind: "ServiceAccount", name: account.metadata.name, namespace }];
    const clusterRole = new k8s.rbac.v1.ClusterRole(
        `${name}-cluster-role`,
        {
            metadata: { name: NAME, labels: PART_OF },
            rules: [
                {
                    apiGroups: ["monitoring.coreos.com"],
                    resources: ["*"],
                    verbs: ["get", "list"],
                },
            ],
        },
        opts,
    );
    new k8s.rbac.v1.ClusterRoleBinding(
        `${name}-cluster-role-binding`,
        {
            metadata: { name: NAME, labels: PART_OF },
            roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: clusterRole.metadata.name },
            subjects,
        },
        opts,
    );
    const role = new k8s.rbac.v1.Role(
        `${name}-role`,
        {
            metadata,
            rules: [
                {
                    apiGroups: [""],
                    resources: ["secrets"],
                    resourceNames: [...secretNames],
                    verbs: ["get"],
                },
            ],
        },
        opts,
    );
    new k8s.rbac.v1.RoleBinding(
        `${name}-role-binding`,
        {
            metadata,
            roleRef: { apiGroup: RBAC, kind: "Role", name: role.metadata.name },
            subjects,
        },
        opts,
    );
    return account.metadata.name;
}
