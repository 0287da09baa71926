import { text } from "../settings/scalars";
import { parseImage } from "./images";

/** References of images as containerd reads them: https://github.com/distribution/reference/blob/main/reference.go. */

/** Without a dot or a port, it is no host: containerd takes it for a folder of docker.io. */
const HOST =
    /^(localhost|localhost:\d{1,5}|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+(:\d{1,5})?|[a-z0-9]([-a-z0-9]*[a-z0-9])?:\d{1,5})$/;
const PATH = /^[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*$/;

function isRepository(text: string): boolean {
    const [host = "", ...path] = text.split("/");
    return (
        text.length <= 255 && HOST.test(host) && path.length > 0 && path.every((p) => PATH.test(p))
    );
}

export const registryOrEmpty = text({
    kind: "registry",
    reader: "containerd's image references",
    allowed:
        'a registry\'s host with a dot or a port, with a path or not, such as registry.example.com/mirror: no https://; or ""',
    is: (each) => each === "" || isRepository(`${each}/image`),
});

export const imageRepository = text({
    kind: "repository",
    reader: "containerd's image references",
    allowed: "an image with its registry and without a tag, such as docker.io/grafana/grafana",
    is: isRepository,
});

function isImage(text: string): boolean {
    const image = parseImage(text);
    return image !== undefined && isRepository(`${image.host}/${image.path}`);
}

export const imageReference = text({
    kind: "image",
    reader: "containerd's image references",
    allowed: "an image with its registry, such as registry.example.com/team/grafana:13.2.0",
    is: isImage,
});

export const taggedImage = text({
    kind: "image with its tag",
    reader: "containerd's image references",
    allowed: "an image with its registry and tag, such as docker.io/grafana/grafana:13.2.0",
    is: (each) =>
        isImage(each) &&
        parseImage(each)?.tag !== undefined &&
        parseImage(each)?.digest === undefined,
});

export const imageDigest = text({
    kind: "digest",
    reader: "containerd's image references",
    allowed: "sha256: and 64 hexadecimal digits in small letters",
    is: (each) => /^sha256:[0-9a-f]{64}$/.test(each),
});
