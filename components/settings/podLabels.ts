import { z } from "zod";

import { isQualifiedName } from "./kubernetesNames";
import { text } from "./scalars";

const labelKey = text({
    kind: "label",
    reader: "Kubernetes' qualified names",
    allowed:
        "the key of a label: up to 63 letters, digits, '-', '_' and '.', after a DNS name and '/' or none",
    is: isQualifiedName,
});

const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const labelValue = text({
    kind: "label's value",
    reader: "Kubernetes' labels",
    allowed: "the value of a label: up to 63 letters, digits, '-', '_' and '.'",
    is: (each) => LABEL_VALUE.test(each),
    pattern: LABEL_VALUE,
});

/** Labels by which pods are selected. */
export const podLabels = z.record(labelKey, labelValue).meta({ kind: "labels", whole: true });
