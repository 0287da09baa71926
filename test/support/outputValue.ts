import type * as pulumi from "@pulumi/pulumi";

/** The value of an Output. */
export function outputValue<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
    return new Promise((resolve) => output.apply((value) => resolve(value as pulumi.Unwrap<T>)));
}
