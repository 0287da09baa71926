/** What the restore drill of Elasticsearch does, as the data that it reads. Types only: nothing of it runs. */
export interface DrillPlan {
    readonly repository: string;
    /** Policy whose newest snapshot is tried. */
    readonly policy: string;
    /** What is restored begins with it; nothing else does. */
    readonly prefix: string;
    /** Data streams of which each snapshot has indices. */
    readonly streams: readonly string[];
    /** Seconds since its start after which the newest snapshot is too old. */
    readonly maxAgeSeconds: number;
    readonly deadlineSeconds: number;
    readonly pauseSeconds: number;
}
