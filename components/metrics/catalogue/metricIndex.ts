import { catalogueExposers, exposerMetrics, seriesOf } from "./catalogue";
import { OF_EVERY_TARGET, SCRAPE_TARGETS, storedLabels } from "./targets";

/** One exposer's series of a name. */
export interface KnownSeries {
    readonly exposer: string;
    /** Values of `job` that it is stored with; of a recording rule any. */
    readonly job: RegExp;
    readonly labels: ReadonlySet<string>;
}

/** What recording rules write is not scraped. */
export const RECORDED = "recording rules";
const ANY_JOB = /(?:)/;

/** Names of series, as Prometheus stores them, and who exposes them with which labels. */
export class MetricIndex {
    private readonly series = new Map<string, KnownSeries[]>();
    private readonly dropped = new Map<string, string>();
    private readonly told = new Set<string>();

    /** The checked-in catalogue, without one file where wanted. Throws when an exposer has no entry in targets.ts. */
    static ofCatalogue(except?: string): MetricIndex {
        const index = new MetricIndex();
        for (const exposer of catalogueExposers().filter((each) => each !== except)) {
            const { metrics, recorded } = exposerMetrics(exposer);
            if (recorded) {
                for (const [name, metric] of Object.entries(metrics)) {
                    index.addRecorded(name, metric.labels ?? []);
                }
                continue;
            }
            const target = SCRAPE_TARGETS[exposer];
            if (target === undefined) {
                throw new Error(
                    `components/metrics/catalogue/targets.ts has no labels for ${exposer}`,
                );
            }
            for (const [family, metric] of Object.entries(metrics)) {
                for (const [name, own] of seriesOf(family, metric)) {
                    index.add(name, exposer, target.job, storedLabels(own, target));
                }
            }
        }
        for (const name of OF_EVERY_TARGET) {
            for (const [exposer, { job, labels }] of Object.entries(SCRAPE_TARGETS)) {
                index.add(name, exposer, job, labels);
            }
        }
        return index;
    }

    /** What a recording rule writes. */
    addRecorded(name: string, labels: Iterable<string>): void {
        this.add(name, RECORDED, ANY_JOB, labels);
    }

    /** What the stack's owner says is theirs: its labels are not known. */
    tell(names: Iterable<string>): void {
        for (const name of names) {
            this.told.add(name);
        }
    }

    isTold(name: string): boolean {
        return this.told.has(name);
    }

    /** What the monitors of an exposer do not store, by a pattern of whole names. */
    drop(exposer: string, pattern: RegExp): void {
        for (const [name, known] of this.series) {
            const kept = known.filter((each) => each.exposer !== exposer);
            if (pattern.test(name) && kept.length < known.length) {
                this.series.set(name, kept);
                this.dropped.set(name, exposer);
            }
        }
    }

    /** The exposer whose drop list removes a name. */
    droppedFrom(name: string): string | undefined {
        return this.dropped.get(name);
    }

    /** Who exposes a name; none when nothing does. */
    find(name: string): readonly KnownSeries[] {
        return this.series.get(name) ?? [];
    }

    names(): string[] {
        return [...this.series].filter(([, known]) => known.length > 0).map(([name]) => name);
    }

    private add(name: string, exposer: string, job: RegExp, labels: Iterable<string>): void {
        const known = this.series.get(name) ?? [];
        this.series.set(name, [...known, { exposer, job, labels: new Set(labels) }]);
    }
}
