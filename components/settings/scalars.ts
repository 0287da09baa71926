import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import { z } from "zod";

import { isAzureContainer, isFolder, isGcsBucket, isS3Bucket } from "./buckets";
import { isCron } from "./cron";
import { DURATION, parseDuration } from "./duration";
import { DNS_LABEL, isDnsSubdomain, isLabelValue, isQualifiedName } from "./kubernetesNames";
import { suggestion } from "./problems";
import { bytes, parseQuantity, QUANTITY } from "./quantity";
import { parseSchedule } from "./schedule";
import { timeZones } from "./timeZones";
import { isDnsName, isHostPort, isOciUrl, isServiceUrl, isUrl } from "./urls";

/**
 * The kinds of values that the configuration has in many places: one for each dialect of the tools that read them in the
 * end. A key has one of these, and never a text or a number of its own.
 */

declare module "zod" {
    /** What docs/configuration.md says of a value beside its description. */
    interface GlobalMeta {
        /** The word for its type, where that is not the schema's own. */
        readonly kind?: string;
        /** Who reads a text in the end, or why every text will do. */
        readonly dialect?: string;
        /** A preview can do without it, an update cannot. */
        readonly toSet?: true;
        /** What holds when it is not given, where that is no value. */
        readonly otherwise?: string;
        /** One line for all that is in it. */
        readonly whole?: true;
        /** The word for a key of a map, where that is not `name`. */
        readonly entry?: string;
    }
}

interface Dialect {
    /** The word for it in docs/configuration.md. */
    readonly kind: string;
    /** Who reads it in the end. */
    readonly reader: string;
    /** What may stand there, with an example. */
    readonly allowed: string;
    readonly is: (text: string) => boolean;
    /** For editors, where a pattern can say it. */
    readonly pattern?: RegExp;
    /** Of names, those among which the one that was meant may be. */
    readonly near?: () => Iterable<string>;
}

/** A text of one dialect. */
export function text({ kind, reader, allowed, is, pattern, near }: Dialect): z.ZodString {
    const error = `allowed: ${allowed}`;
    return z
        .string({ error })
        .refine(is, {
            error: ({ input }) => `${near ? suggestion(String(input), [...near()]) : ""}${error}`,
        })
        .meta({ kind, dialect: reader, ...(pattern ? { pattern: pattern.source } : {}) });
}

/** The same, or nothing: of what is still to set, or what its owner decides. */
function textOrEmpty(dialect: Dialect): z.ZodString {
    const { allowed, is, pattern } = dialect;
    return text({
        ...dialect,
        allowed: `${allowed}; or ""`,
        is: (each) => each === "" || is(each),
        ...(pattern ? { pattern: new RegExp(`^$|${pattern.source}`) } : {}),
    });
}

/** A text that nobody checks, for the reason that is given; without control characters. */
export function freeText(reason: string): z.ZodString {
    return text({
        kind: "text",
        reader: reason,
        allowed: "a text of 1 to 1024 characters in one line",
        // eslint-disable-next-line no-control-regex -- those are what is refused
        is: (each) => /^[^\u0000-\u001f\u007f]{1,1024}$/.test(each) && each.trim() === each,
    });
}

// Kubernetes

/** What every object has: a name of these is found in maps that do not have it. */
export function isPropertyOfObjects(key: string): boolean {
    return key in Object.prototype;
}

/** A name of our own: of a namespace, an instance, an environment, a receiver. Label values and names of objects hold it. */
const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
export const name = text({
    kind: "name",
    reader: "names of Kubernetes' objects, to which up to 23 characters are added",
    allowed: "1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'",
    is: (each) => NAME.test(each) && !isPropertyOfObjects(each),
    pattern: NAME,
});

/** Of others: this stack does not make it. */
const NAMESPACE: Dialect = {
    kind: "namespace",
    reader: "Kubernetes' DNS labels",
    allowed: "a namespace: 1 to 63 of a-z, 0-9 and '-', not starting or ending with '-'",
    is: (each) => DNS_LABEL.test(each) && !isPropertyOfObjects(each),
    pattern: DNS_LABEL,
};
export const namespace = text(NAMESPACE);
export const namespaceOrEmpty = textOrEmpty(NAMESPACE);

const OBJECT: Dialect = {
    kind: "name of an object",
    reader: "Kubernetes' DNS subdomains",
    allowed:
        "the name of an object of Kubernetes: at most 253 of a-z, 0-9, '-' and '.', each part between dots starting and ending with a letter or digit",
    is: isDnsSubdomain,
};
export const objectName = text(OBJECT);
export const objectNameOrEmpty = textOrEmpty(OBJECT);

export const annotationKey = text({
    kind: "annotation",
    reader: "Kubernetes' qualified names",
    allowed:
        "the key of an annotation: up to 63 letters, digits, '-', '_' and '.', after a DNS name and '/' or none",
    is: (each) => isQualifiedName(each) && !isPropertyOfObjects(each),
});

export const labelKey = text({
    kind: "label",
    reader: "Kubernetes' qualified names",
    allowed:
        "the key of a label: up to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, after a DNS name and '/' or none",
    is: (each) => isQualifiedName(each) && !isPropertyOfObjects(each),
});

export const labelValue = text({
    kind: "text",
    reader: "Kubernetes' label values",
    allowed:
        "the value of a label: up to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit; numbers and true or false in quotes",
    is: isLabelValue,
});

export const serviceName = text({
    kind: "name",
    reader: "Kubernetes' Services",
    allowed:
        "the name of a Service: 1 to 63 of a-z, 0-9 and '-', starting with a letter, not ending with '-'",
    is: (each) => DNS_LABEL.test(each) && /^[a-z]/.test(each),
});

/** Whatever a controller reads there: it may have lines. */
export const annotationValue = text({
    kind: "text",
    reader: "each controller has values of its own",
    allowed: "a text without control characters but line ends: numbers and true or false in quotes",
    // eslint-disable-next-line no-control-regex -- those are what is refused
    is: (each) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(each),
});

/** Whole bytes, of at least so many. */
function sizeFrom(least: string, why: string): z.ZodString {
    const value = (each: string) => (each.endsWith("m") ? NaN : (parseQuantity(each) ?? NaN));
    const dialect = text({
        kind: least === "1" ? "size" : `size, ${least} or more`,
        reader: "Kubernetes' quantities of bytes",
        allowed: `a Kubernetes quantity of whole bytes such as 256Mi or 10Gi, at most ${LARGEST}`,
        is: (each) => Number.isInteger(value(each)) && value(each) <= bytes(LARGEST),
        pattern: QUANTITY,
    });
    return dialect.refine((each) => !(value(each) < bytes(least)), {
        error: why === "" ? "allowed: 1 byte or more" : `allowed: ${least} or more: ${why}`,
    });
}
/** More than a node or a volume of any cloud has. */
const LARGEST = "1Pi";
export const size = sizeFrom("1", "");
export const memory = (least: string, why: string): z.ZodString => sizeFrom(least, why);
/** What is written in a time: of a number without a unit, `Gi` was forgotten. */
export const amount = sizeFrom("1Mi", "a size without its unit is in bytes");
export const volume = sizeFrom(
    "128Mi",
    "a file system and what is always there leave too little of less",
);

/** Cores. */
export const cpu = text({
    kind: "quantity",
    reader: "Kubernetes' quantities of cores",
    allowed: "cores such as 100m, 0.5 or 2, from 1m to 256",
    is: (each) => {
        const thousandths = (parseQuantity(each) ?? NaN) * 1000;
        return (
            /^[\d.]+m?$/.test(each) &&
            Math.abs(thousandths - Math.round(thousandths)) < 1e-6 &&
            thousandths >= 1 &&
            thousandths <= 256_000
        );
    },
    pattern: /^\d+(\.\d+)?m?$/,
});

/** Pods of one workload: a cluster has at most 5000 nodes, https://kubernetes.io/docs/setup/best-practices/cluster-large/. */
export const pods = (least = 1, why?: string, most = 5000): z.ZodInt => whole(least, most, why);

/** A whole number that every reader takes: int32. */
export function whole(least: number, most = 2 ** 31 - 1, why?: string): z.ZodInt {
    const range = most < 2 ** 31 - 1 ? `from ${least} to ${most}` : `of ${least} or more`;
    const error =
        why === undefined
            ? `allowed: a whole number ${range}`
            : `allowed: ${least} or more, because ${why}`;
    const above = `allowed: a whole number ${most < 2 ** 31 - 1 ? range : `below 2147483648`}`;
    return z.int({ error }).min(least, { error }).max(most, { error: above });
}

// Times

/** Within what every reader holds: Prometheus' and Go's end after 292 years. */
const LONGEST = 36_500 * 86_400;
const isDuration = (each: string): boolean => (parseDuration(each) ?? Infinity) <= LONGEST;
/** Of Prometheus, its operator and Alertmanager; others get what is computed of it. */
export const duration = text({
    kind: "duration",
    reader: "Prometheus' durations",
    allowed: "a whole number and a unit of s, m, h, d or w, such as 30s or 7d, at most 36500d",
    is: isDuration,
    pattern: DURATION,
});
/** One from a least to a most, where more or less would be never or always. */
export function durationFrom(least: string, most: string, why: string): z.ZodString {
    const value = (each: string) => parseDuration(each) ?? NaN;
    return duration.refine(
        (each) =>
            !(
                value(each) < (parseDuration(least) ?? 0) ||
                value(each) > (parseDuration(most) ?? 0)
            ),
        { error: `allowed: a duration from ${least} to ${most}: ${why}` },
    );
}
/** How long an alert waits, or stays. */
export const alertDuration = durationFrom(
    "1s",
    "30d",
    "an alert that waits for longer tells nobody",
);
/** Of OpenTelemetry's collector, which knows no days. */
export const goDuration = text({
    kind: "duration, no days",
    reader: "Go's durations",
    allowed: "a whole number and a unit of s, m or h, such as 10s or 5m",
    is: (each) => /[smh]$/.test(each) && isDuration(each),
    pattern: /^[1-9]\d*[smh]$/,
});
/** Prometheus forgets a value after 5m, and rates are computed over 5m: two samples must be in it, and one may be late. */
const LONGEST_INTERVAL = "2m";
export const scrapeInterval = text({
    kind: "duration",
    reader: "Prometheus' durations",
    allowed: `a whole number and a unit of s or m, such as 30s, at most ${LONGEST_INTERVAL}: Prometheus forgets a value after 5m`,
    is: (each) => (parseDuration(each) ?? Infinity) <= 120,
    pattern: DURATION,
});

/** A CronJob's, in UTC. */
export const cron = text({
    kind: "cron in UTC",
    reader: "CronJobs (robfig/cron)",
    allowed:
        'a cron schedule of five fields in UTC, such as "0 1 * * *": days of the week are 0 (Sunday) to 6 or sun to sat',
    is: (each) =>
        each.trim() === each &&
        !/[\n\r\t]/.test(each) &&
        isCron(each) &&
        parseSchedule(each) !== undefined,
});

export const timeZone = text({
    kind: "IANA name",
    reader: "Go's time zones",
    allowed: "a time zone by its IANA name, such as UTC, Europe/Berlin or Asia/Shanghai",
    is: (each) => timeZones().has(each),
    near: timeZones,
});

const CLOCK = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
export const clock = text({
    kind: "time of day, in quotes",
    reader: "Alertmanager's time intervals",
    allowed: "a time of day from 00:00 to 24:00, in quotes",
    is: (each) => CLOCK.test(each),
    pattern: CLOCK,
});

// Addresses

const URL_OF: Dialect = {
    kind: "URL",
    reader: "RFC 3986",
    allowed:
        "an http or https URL such as https://example.com/path: a host, no spaces, no user or password, nothing after ? or #",
    is: isUrl,
};
export const url = text(URL_OF);
export const urlOrEmpty = textOrEmpty(URL_OF);

const SERVICE: Dialect = {
    kind: "URL",
    reader: "RFC 3986",
    allowed:
        "the http or https URL of a service such as https://s3.example.com: a host, no spaces, no user or password, nothing after the port",
    is: isServiceUrl,
};
export const serviceUrl = text(SERVICE);
export const serviceUrlOrEmpty = textOrEmpty(SERVICE);

/** A single name: links in messages lead to it, so that it cannot be a pattern. */
export const hostOrEmpty = textOrEmpty({
    kind: "host",
    reader: "Kubernetes' Ingresses",
    allowed:
        "a DNS name in lower case such as grafana.example.com: no https://, port, path, address or *",
    is: isDnsName,
});

export const hostPort = text({
    kind: "`HOST:PORT`",
    reader: "Go's net.Dial",
    allowed: "HOST:PORT such as smtp.example.com:587",
    is: isHostPort,
});

/** A range of addresses of either IP family. */
export const cidr = text({
    kind: "CIDR",
    reader: "NetworkPolicies",
    allowed: "a range of addresses in CIDR notation, such as 10.0.0.0/16 or fd00::/48",
    is: isCidr,
});

function isCidr(each: string): boolean {
    const [address = "", length = "", ...rest] = each.split("/");
    const family = isIP(address);
    return (
        rest.length === 0 &&
        family !== 0 &&
        !address.includes("%") &&
        /^(0|[1-9]\d{0,2})$/.test(length) &&
        Number(length) <= (family === 4 ? 32 : 128)
    );
}

export const email = z
    .email({ error: "allowed: one e-mail address such as ops@example.com" })
    .meta({ kind: "address", dialect: "RFC 5322" });

// Stores

export const s3BucketOrEmpty = textOrEmpty({
    kind: "bucket",
    reader: "S3's bucket names",
    allowed: "the name of a bucket: 3 to 63 of a-z, 0-9, '-' and '.', as S3 has them",
    is: isS3Bucket,
});
export const gcsBucketOrEmpty = textOrEmpty({
    kind: "bucket",
    reader: "Google Cloud Storage's bucket names",
    allowed:
        "the name of a bucket: 3 to 63 of a-z, 0-9, '-', '_' and '.', as Google Cloud Storage has them",
    is: isGcsBucket,
});
export const azureContainerOrEmpty = textOrEmpty({
    kind: "container",
    reader: "Azure's container names",
    allowed: "the name of a container: 3 to 63 of a-z, 0-9 and single '-'",
    is: isAzureContainer,
});
export const region = text({
    kind: "region",
    reader: "request signatures of S3",
    allowed: "the region of a bucket such as us-east-1: 1 to 64 of a-z, 0-9 and '-'",
    is: (each) => /^[a-z0-9][-a-z0-9]{0,63}$/.test(each),
});
export const folder = text({
    kind: "folder",
    reader: "keys of objects in a bucket",
    allowed:
        "a path without a slash at its start or end, such as elasticsearch/prod, of letters, digits and -_.!*'()",
    is: isFolder,
});

/** `repository`, a mirror's URL, or a folder. */
export const chartSourceText = text({
    kind: "text",
    reader: "Helm",
    allowed:
        '"repository", a folder such as ./charts, or the https:// or oci:// URL of a mirror, without a user or password',
    is: (each) =>
        each.includes("://")
            ? isUrl(each) || isOciUrl(each)
            : // eslint-disable-next-line no-control-regex -- those are what is refused
              /^[^\u0000-\u001f\u007f]{1,1024}$/.test(each) && each.trim() === each,
});

// Pulumi

export const stackReferenceOrEmpty = textOrEmpty({
    kind: "stack",
    reader: "Pulumi's stack references",
    allowed: "ORGANIZATION/PROJECT/STACK such as organization/observability/prod",
    is: (each) => /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/.test(each),
});
export const resourceName = text({
    kind: "name",
    reader: "Pulumi's resource names",
    allowed: "the name of a resource of this stack, such as elasticsearch",
    is: (each) => /^[A-Za-z0-9._/-]{1,253}$/.test(each),
});

/** Never shown. What `echo` adds to it is no part of it. */
export const secret = text({
    kind: "secret",
    reader: "whoever takes it",
    allowed: "a text without spaces or line ends around it, of at most 65536 characters",
    is: (each) => each !== "" && each.trim() === each && each.length <= 65_536,
});

// Certificates

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Each certificate of a PEM text by itself, without what stands between them. */
export function certificatesOf(pem: string): string[] {
    return [...pem.matchAll(CERTIFICATE)].map(([text]) => `${text}\n`);
}

/**
 * What a client of ours trusts of a service that the user names: a private authority. Every key with an address of such
 * a service has one beside it.
 */
export const ca = text({
    kind: "PEM",
    reader: "TLS of whoever opens the connection",
    allowed:
        "certificates of an authority as PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, one or more, and no key",
    is: areCertificates,
}).meta({ otherwise: "the public authorities" });

function areCertificates(text: string): boolean {
    const certificates = certificatesOf(text);
    const rest = text.replace(CERTIFICATE, "");
    return (
        certificates.length > 0 &&
        !rest.includes("-----") &&
        certificates.every((each) => {
            try {
                return new X509Certificate(each).subject !== undefined;
            } catch {
                return false;
            }
        })
    );
}
