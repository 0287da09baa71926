/** What the configuration says of images. */
export interface ImageSettings {
    readonly registry: string;
    readonly pullSecrets: readonly string[];
    readonly overrides: Readonly<Record<string, string>>;
    readonly digests: Readonly<Record<string, string>>;
}

/** The parts of `host/path:tag@digest`. */
export interface ImageReference {
    readonly host: string;
    readonly path: string;
    readonly tag?: string | undefined;
    readonly digest?: string | undefined;
}

const REFERENCE =
    /^([a-z0-9][a-z0-9.-]*(?::\d+)?)\/([a-z0-9._-]+(?:\/[a-z0-9._-]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** Reads a reference with its registry's host, or undefined when it is none. */
export function parseImage(text: string): ImageReference | undefined {
    const match = REFERENCE.exec(text);
    return match
        ? { host: match[1] ?? "", path: match[2] ?? "", tag: match[3], digest: match[4] }
        : undefined;
}

/** `host/path` of an image. */
export function repositoryOf(image: string): string {
    const { host, path } = parsed(image);
    return `${host}/${path}`;
}

export function imageText({ host, path, tag, digest }: ImageReference): string {
    return `${host}/${path}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
}

/**
 * Where an image comes from: an override of its repository, otherwise the registry in place of its host; with its digest
 * where there is one. The tag stays where an override has none.
 */
export function adaptedImage(image: string, settings: ImageSettings): ImageReference {
    const own = parsed(image);
    const override = settings.overrides[repositoryOf(image)];
    const { path, tag, digest, ...at } = override ? parsed(override) : own;
    const pinned = digestOf(settings, image);
    const mirror = settings.registry;
    return {
        ...(mirror
            ? {
                  host: mirror,
                  path: override ? imagePathBelow(mirror, `${at.host}/${path}`) : path,
              }
            : { host: at.host, path }),
        tag: tag ?? own.tag ?? pinned.tag,
        digest: digest ?? (override && tag ? undefined : pinned.digest),
    };
}

/** The digest of an image, and the tag that it is of; an image without a tag takes that of its repository's only digest. */
function digestOf(
    { digests }: ImageSettings,
    image: string,
): { readonly tag?: string | undefined; readonly digest?: string | undefined } {
    const { tag } = parsed(image);
    const key = Object.keys(digests).find(
        (each) => each === image || (tag === undefined && repositoryOf(each) === image),
    );
    return key === undefined ? {} : { tag: parsed(key).tag, digest: digests[key] };
}

/** The rest of an image's repository below a registry, which may have a path of its own; undefined outside of it. */
export function pathBelow(registry: string, repository: string): string | undefined {
    return repository.startsWith(`${registry}/`)
        ? repository.slice(registry.length + 1)
        : undefined;
}

function imagePathBelow(registry: string, repository: string): string {
    const path = pathBelow(registry, repository);
    if (path === undefined) {
        throw new Error(`${repository} is outside of ${registry}`);
    }
    return path;
}

function parsed(image: string): ImageReference {
    const reference = parseImage(image);
    if (!reference) {
        throw new Error(`"${image}" is no image with its registry`);
    }
    return reference;
}
