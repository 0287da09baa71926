// Who may import whom: `npm run lint` refuses an import that runs upstairs. CONTRIBUTING.md draws the house.

/** From the ground up; a room imports from its own floor and from those below. */
const FLOORS = [
    { rooms: ["components/settings", "components/versions.ts"] },
    { rooms: ["components/kubernetes"] },
    { rooms: ["components/alerting"] },
    { rooms: ["components/metrics"] },
    { rooms: ["components/backup"] },
    { rooms: ["components/redis"] },
    { rooms: ["components/logging"] },
    { rooms: ["components/tracing"] },
    { rooms: ["components/autoscaling"] },
    { rooms: ["components/applications"] },
    { rooms: ["components/delivery"] },
    { rooms: ["components/probes"] },
    { rooms: ["components/dashboards"] },
    { rooms: ["components/adaptation"] },
    { rooms: ["components/stack"] },
    { rooms: ["index.ts"] },
    { rooms: ["lab"] },
    { rooms: ["commands"] },
    { rooms: ["test"] },
];

const GROUND = 2;

/** Where something belongs that a room wants to have from above. */
function advice(floor) {
    const [room] = FLOORS[floor].rooms;
    if (floor < GROUND) {
        return `${room} knows no part: give the caller's value as an argument, or move the code into the part that it is about.`;
    }
    if (room.startsWith("components/") && room !== "components/stack") {
        return (
            `What ${room} shares with a part above it belongs one floor down, into ${room} itself or the ground. ` +
            "A value of another part, or of the whole configuration, comes as an argument, from components/stack."
        );
    }
    return `What ${room} needs of a floor above it belongs into ${room}, or one floor down.`;
}

const pattern = (rooms) =>
    `^(${rooms.map((room) => room.replace(/\./g, "\\.") + (room.endsWith(".ts") ? "$" : "/")).join("|")})`;

const upstairs = FLOORS.slice(0, -1).map(({ rooms }, floor) => ({
    name: `${rooms[0]} stands below`,
    severity: "error",
    comment: advice(floor),
    from: { path: pattern(rooms) },
    to: { path: pattern(FLOORS.slice(floor + 1).flatMap((above) => above.rooms)) },
}));

module.exports = {
    forbidden: [
        ...upstairs,
        {
            name: "a room without a floor",
            severity: "error",
            comment:
                "Give its folder a line in FLOORS of .dependency-cruiser.cjs, above the parts that it stands on.",
            from: {
                path: "^components/[^/]+/",
                pathNot: pattern(FLOORS.flatMap(({ rooms }) => rooms)),
            },
            to: {},
        },
        {
            name: "programs stand alone",
            severity: "error",
            comment:
                "A program of components/logging/programs runs in the cluster with the files beside it and nothing else: import types, or move the value into programs/.",
            from: { path: "^components/logging/programs/" },
            to: {
                pathNot: "^components/logging/programs/",
                dependencyTypesNot: ["type-only", "core"],
            },
        },
        {
            name: "no circles",
            severity: "error",
            comment:
                "Two files that need each other are one, or have something in common that belongs into a third. Types may refer to each other.",
            from: {},
            to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
        },
        {
            name: "only what is declared",
            severity: "error",
            comment:
                "A package that package.json does not name may be gone tomorrow: add it there.",
            // The page of the pictures has a package.json of its own.
            from: {
                path: "^(components|index\\.ts|lab|commands|test)",
                pathNot: "^commands/pictures/page/",
            },
            to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"] },
        },
        {
            name: "the program runs without development packages",
            severity: "error",
            comment:
                "`pulumi up` installs them too, but what the program needs belongs into dependencies. Types may come from anywhere.",
            from: { path: "^(components|index\\.ts)" },
            to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        tsPreCompilationDeps: true,
        tsConfig: { fileName: "tsconfig.json" },
        // Packages whose files only `exports` names.
        enhancedResolveOptions: {
            exportsFields: ["exports"],
            conditionNames: ["types", "require", "default"],
        },
        reporterOptions: { text: { highlightFocused: true } },
    },
};
