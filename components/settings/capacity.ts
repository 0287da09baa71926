/** What a retention needs, what the volumes leave for it, and the size of a volume that would do; in bytes. */
export interface Capacity {
    readonly needed: number;
    readonly usable: number;
    readonly volumeFor: number;
}
