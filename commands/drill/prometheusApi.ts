/** A sample as Prometheus stored it. */
export interface Sample {
    /** Milliseconds since the epoch: the time of the scrape or of the evaluation. */
    readonly at: number;
    readonly value: number;
}

export interface SampledSeries {
    readonly labels: Readonly<Record<string, string>>;
    readonly samples: readonly Sample[];
}

type Result = readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values?: readonly (readonly [number, string])[];
}[];

interface Answer {
    readonly status: string;
    readonly error?: string;
    readonly data?: { readonly result: Result };
}

/**
 * Every sample that a selector has since `since` (milliseconds since the epoch), as scraped. Throws when Prometheus
 * does not answer or refuses the selector.
 */
export async function samplesSince(
    prometheusUrl: string,
    selector: string,
    since: number,
): Promise<SampledSeries[]> {
    const range = Math.max(1, Math.ceil((Date.now() - since) / 1000));
    const result = await query(prometheusUrl, `${selector}[${range}s]`);
    return result.map(({ metric, values = [] }) => ({
        labels: metric,
        samples: values
            .map(([seconds, value]) => ({ at: seconds * 1000, value: Number(value) }))
            .filter(({ at }) => at >= since),
    }));
}

/** The labels of the series that a selector has now. */
export async function seriesNow(
    prometheusUrl: string,
    selector: string,
): Promise<SampledSeries["labels"][]> {
    return (await query(prometheusUrl, selector)).map(({ metric }) => metric);
}

/** Whether a web server answers with success; undefined when it answers something else. */
export async function answers(url: string): Promise<true | undefined> {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return response.ok ? true : undefined;
}

async function query(prometheusUrl: string, expression: string): Promise<Result> {
    const url = new URL("/api/v1/query", prometheusUrl);
    url.searchParams.set("query", expression);
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(
        (error: unknown) => {
            throw new Error(`Prometheus at ${prometheusUrl} does not answer: ${String(error)}`);
        },
    );
    const { status, error, data } = (await response.json()) as Answer;
    if (status !== "success" || data === undefined) {
        throw new Error(`Prometheus refused ${expression}: ${error ?? response.statusText}`);
    }
    return data.result;
}
