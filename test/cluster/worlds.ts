import { makeWorld, World } from "./world";

/** The cases that every proof is made for. */
export const CASES = [
    { title: "staging", owner: "staging" },
    { title: "prod and its tenant", owner: "prod" },
] as const;

export type Case = (typeof CASES)[number];

const made = new Map<string, Promise<World>>();

/** The world of a case, made by the first suite that asks for it; it may have to build tools. */
export function worldOf(context: Mocha.Context, { owner }: Case): Promise<World> {
    context.timeout(0);
    const world = made.get(owner) ?? makeWorld(owner);
    made.set(owner, world);
    return world;
}

after("stop the clusters", async function () {
    this.timeout(60_000);
    for (const making of made.values()) {
        const world = await making.catch(() => undefined);
        await world?.plane.stop();
    }
});
