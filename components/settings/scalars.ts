import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import { z } from "zod";

import { DURATION, parseDuration } from "./duration";
import { parseQuantity, QUANTITY } from "./quantity";

/** The kinds of values that the configuration has in many places. */

declare module "zod" {
    /** What docs/configuration.md says of a value beside its description. */
    interface GlobalMeta {
        /** The word for its type, where that is not the schema's own. */
        readonly kind?: string;
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

/** Bytes, or cores: `500m`, `256Mi`, `10Gi`. */
export const quantity = z
    .string()
    .refine((text) => (parseQuantity(text) ?? 0) > 0, {
        error: "allowed: a Kubernetes quantity such as 500m, 256Mi or 10Gi",
    })
    .meta({ kind: "size", pattern: QUANTITY.source });
export const duration = z
    .string()
    .refine((text) => parseDuration(text) !== undefined, {
        error: "allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d",
    })
    .meta({ kind: "duration", pattern: DURATION.source });
export const name = z
    .string()
    .regex(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/, {
        error: "allowed: 1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'",
    })
    .meta({ kind: "name" });
export const url = z
    .url({ protocol: /^https?$/, error: "allowed: an http or https URL" })
    .meta({ kind: "URL" });
/** A range of addresses of either IP family. */
export const cidr = z
    .string()
    .refine(isCidr, {
        error: "allowed: a range of addresses in CIDR notation, such as 10.0.0.0/16 or fd00::/48",
    })
    .meta({ kind: "CIDR" });

function isCidr(text: string): boolean {
    const [address = "", length = "", ...rest] = text.split("/");
    const family = isIP(address);
    return (
        rest.length === 0 &&
        family !== 0 &&
        /^\d{1,3}$/.test(length) &&
        Number(length) <= (family === 4 ? 32 : 128)
    );
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Each certificate of a PEM text by itself, without what stands between them. */
export function certificatesOf(pem: string): string[] {
    return [...pem.matchAll(CERTIFICATE)].map(([text]) => `${text}\n`);
}

/**
 * What a client of ours trusts of a service that the user names: a private authority. Every key with an address of such
 * a service has one beside it.
 */
export const ca = z
    .string()
    .refine(areCertificates, {
        error: "allowed: certificates of an authority as PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, one or more, and no key",
    })
    .meta({ kind: "PEM", otherwise: "the public authorities" });

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

export const secret = z.string().min(1).meta({ kind: "secret" });
export const atLeast = (minimum: number, why: string): z.ZodInt =>
    z.int().min(minimum, { error: `allowed: ${minimum} or more, because ${why}` });
