import { isIP } from "node:net";

/** Names of buckets, by who checks them. */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, which other stores have from there. */
export function isS3Bucket(text: string): boolean {
    return (
        /^[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$/.test(text) &&
        !/\.\.|\.-|-\./.test(text) &&
        !/^(xn--|sthree-|amzn-s3-demo-)/.test(text) &&
        !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(text) &&
        isIP(text) === 0
    );
}

/** https://docs.cloud.google.com/storage/docs/buckets#naming. */
export function isGcsBucket(text: string): boolean {
    return (
        /^[a-z0-9][-a-z0-9_.]*[a-z0-9]$/.test(text) &&
        text.length >= 3 &&
        text.length <= (text.includes(".") ? 222 : 63) &&
        text.split(".").every((part) => part.length > 0 && part.length <= 63) &&
        !text.startsWith("goog") &&
        !/google|g00gle/.test(text) &&
        isIP(text) === 0
    );
}

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names. */
export function isAzureContainer(text: string): boolean {
    return /^[a-z0-9]([-a-z0-9]{1,61})[a-z0-9]$/.test(text) && !text.includes("--");
}

/** A folder in a bucket: names of characters that every store takes as they are, joined by slashes. */
export function isFolder(text: string): boolean {
    return (
        text.length <= 512 &&
        text
            .split("/")
            .every((part) => /^[-A-Za-z0-9_.!*'()]+$/.test(part) && !/^\.\.?$/.test(part))
    );
}
