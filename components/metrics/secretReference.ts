import { z } from "zod";

import { objectName, text } from "../settings/scalars";

/** A key of a Secret that is there already, made by External Secrets, Sealed Secrets, Vault or by hand. */
export const secretReference = z.strictObject({
    name: objectName,
    key: text({
        kind: "key of a Secret",
        reader: "Kubernetes' Secrets",
        allowed: "the key of a Secret: 1 to 253 letters, digits, '-', '_' and '.'",
        is: (each) => /^[-._A-Za-z0-9]{1,253}$/.test(each),
    }),
});
export type SecretReference = z.output<typeof secretReference>;
