import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
type PodSpec = k8s.types.input.core.v1.PodSpec;

/** Below the folder of the configuration, which is what Elasticsearch lets itself read. */
const FOLDER = "/usr/share/elasticsearch/config/trust";
/** Of a file with public certificates only; Java wants one of six characters or more. */
const PASSWORD = "changeit";

/**
 * Makes a Java trust store of every `*.crt` of a folder, beside the authorities that Java itself trusts: KEYTOOL,
 * CACERTS, CERTIFICATES and STORE say where each is.
 */
export const MAKE_TRUST_STORE = `set -eu
rm -f "$STORE"
"$KEYTOOL" -importkeystore -noprompt -srckeystore "$CACERTS" -srcstorepass ${PASSWORD} -destkeystore "$STORE" -deststoretype PKCS12 -deststorepass ${PASSWORD} >/dev/null 2>&1 ||
    { echo "trust: $CACERTS cannot be read" >&2; exit 1; }
for certificate in "$CERTIFICATES"/*.crt; do
    "$KEYTOOL" -importcert -noprompt -keystore "$STORE" -storepass ${PASSWORD} -alias "$(basename "$certificate")" -file "$certificate"
done
`;

/** What Java is told of a trust store. */
export function trustStoreOptions(store: string): string {
    return `-Djavax.net.ssl.trustStore=${store} -Djavax.net.ssl.trustStorePassword=${PASSWORD}`;
}

/**
 * Parts of Elasticsearch's pods for authorities in a ConfigMap: a container that makes the store before Elasticsearch
 * starts, as https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/custom-configuration-files-plugins does it.
 */
export function trustStorePod(trust: {
    readonly configMap: pulumi.Input<string>;
    readonly hash: string;
}): {
    readonly metadata: NonNullable<PodTemplate["metadata"]>;
    readonly initContainer: object;
    readonly container: object;
    readonly volumes: NonNullable<PodSpec["volumes"]>;
} {
    const mount = { name: "trust", mountPath: FOLDER };
    const store = `${FOLDER}/store.p12`;
    const home = "/usr/share/elasticsearch/jdk";
    return {
        metadata: { annotations: { "observability/ca": trust.hash } },
        // ECK gives it the image and the security context of Elasticsearch.
        initContainer: {
            name: "trust",
            command: ["sh", "-c", MAKE_TRUST_STORE],
            env: [
                { name: "KEYTOOL", value: `${home}/bin/keytool` },
                { name: "CACERTS", value: `${home}/lib/security/cacerts` },
                { name: "CERTIFICATES", value: "/trust" },
                { name: "STORE", value: store },
            ],
            volumeMounts: [mount, { name: "trust-certificates", mountPath: "/trust" }],
        },
        container: {
            env: [{ name: "ES_JAVA_OPTS", value: trustStoreOptions(store) }],
            volumeMounts: [{ ...mount, readOnly: true }],
        },
        volumes: [
            { name: "trust", emptyDir: {} },
            { name: "trust-certificates", configMap: { name: trust.configMap } },
        ],
    };
}
