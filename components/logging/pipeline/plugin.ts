/** Plug-in settings: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml. */
export type Plugin = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Bytes in Fluent Bit's notation; its M is 10^6. */
export function megabytes(bytes: number): string {
    return `${Math.floor(bytes / 1e6)}M`;
}
