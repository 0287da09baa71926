/** Kubernetes' rules for names, as its API server checks them: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/. */

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/** RFC 1123, at most 63 characters: a namespace. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** The name of most objects: a StorageClass, an IngressClass, a Secret. */
export function isDnsSubdomain(text: string): boolean {
    return text.length <= 253 && SUBDOMAIN.test(text);
}

/** `name` or `prefix/name`: the key of a label or an annotation. */
export function isQualifiedName(text: string): boolean {
    const [name = "", prefix, ...rest] = text.split("/").reverse();
    return (
        rest.length === 0 &&
        /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name) &&
        (prefix === undefined || isDnsSubdomain(prefix))
    );
}

/** Of a label, and of a taint. */
export function isLabelValue(text: string): boolean {
    return /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(text);
}
