/** The page of a trace in Jaeger's UI; `id` may be a variable of whoever shows the link. */
export function jaegerTraceUrl(jaeger: string, id: string): string {
    return `${jaeger}/trace/${id}`;
}
