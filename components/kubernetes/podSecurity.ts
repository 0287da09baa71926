/** Of a container that the level `restricted` takes: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
export const CONTAINER_SECURITY = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
};
