import { PULUMI } from "../../components/settings/pending";
import type { ProgramRun } from "../../lab/program/program";
import type { Settings } from "../../lab/program/stackFile";
import { Held, InstalledComponent, installedComponents } from "./components";
import { endpointLines } from "./endpoints";
import { chartsWithoutFacts, imagesOf } from "./images";
import { redisLines } from "./redis";
import { Requests, sum } from "./requests";
import { unheardAlerts } from "./routes";
import { routingChanges } from "./routingChanges";
import { cores, inOneLine, size, WIDTH, wrapped } from "./text";

export interface Previewed {
    readonly stack: string;
    readonly settings: Settings;
    readonly run: ProgramRun;
    /** Files that were written to rendered/<stack>/. */
    readonly files: number;
    /** The routing table now. */
    readonly routing: readonly string[];
    /** The text of docs/routes/<stack>.txt, or undefined when there is none. */
    readonly routesFile: string | undefined;
}

/** What a person wants to know of a stack before `up`, in the order of its weight; what is still to set comes last. */
export function summary(previewed: Previewed): string[] {
    const { run, stack } = previewed;
    const components = installedComponents(run.registrations);
    const messages = run.log.map((line) => line.replace(/^warning: \[runtime\] /, ""));
    const toSet = messages.filter((text) => text.startsWith("To set before"));
    const others = messages.filter((text) => !text.startsWith("To set before"));
    return [
        title(previewed, components),
        ...section("Installed", componentTable(components)),
        ...optional("Redis", redisLines(run.registrations, previewed.settings)),
        ...section("Endpoints", endpointLines(run.outputs)),
        ...section("Alerts", alertLines(previewed)),
        ...section("Images", imageLines(previewed)),
        ...others.flatMap((text) => ["", ...text.split("\n")]),
        "",
        ...(toSet.length > 0
            ? toSet.flatMap((text) => text.split("\n"))
            : [`Nothing is left to set: \`${PULUMI} up --stack ${stack}\` can run.`]),
    ];
}

function section(name: string, lines: readonly string[]): string[] {
    return ["", name, ...lines.map((line) => `  ${line}`)];
}

/** A section that is there only when it says something. */
function optional(name: string, lines: readonly string[]): string[] {
    return lines.length > 0 ? section(name, lines.flatMap(folded)) : [];
}

function folded(line: string): string[] {
    const [start = "", ...rest] = line.split(": ");
    const words = rest.join(": ").split("; ");
    return words.length < 2 ? [line] : wrapped(`${start}:`, words, INNER);
}

function title(
    { stack, settings, files }: Previewed,
    components: readonly InstalledComponent[],
): string {
    const resources = components.reduce((total, each) => total + each.resources, 0);
    const { name = "", role = "" } = settings.cluster as { name?: string; role?: string };
    return (
        `${stack}: ${resources} objects and charts as the ${role} of cluster ${name}; ` +
        `${files} files in rendered/${stack}/`
    );
}

/** Titles of the columns with numbers, each with its width. */
const COLUMNS: readonly [string, number][] = [
    ["PODS", 6],
    ["CPU", 7],
    ["MEMORY", 9],
    ["DISK", 8],
];
/** Columns of a line that stands below a section's title. */
const INNER = WIDTH - 2;

/** A line for each component with what its pods and volumes ask for, and the totals. */
export function componentTable(components: readonly InstalledComponent[]): string[] {
    const totals = sum(components.map(({ requests }) => requests));
    const names = ["COMPONENT", ...components.map(({ name }) => name)];
    const first = Math.max(...names.map((name) => name.length));
    const line = (name: string, cells: readonly string[], rest: readonly Held[]): string => {
        const columns = cells.map((cell, i) => cell.padStart(COLUMNS[i]?.[1] ?? 0));
        const start = `${name.padEnd(first)}${columns.join("")}  `;
        return (start + inOneLine(rest, INNER - start.length)).trimEnd();
    };
    const note = (text: string): Held[] => [{ text, count: 1 }];
    const agents = components
        .filter(({ requests }) => requests.perNode.pods > 0)
        .map(({ name }) => ({ text: name, count: 1 }));
    return [
        line(
            "COMPONENT",
            COLUMNS.map(([title]) => title),
            note("WITH"),
        ),
        ...components.map(({ name, requests: { standing }, holds }) =>
            line(name, amounts(standing), holds),
        ),
        line("total", amounts(totals.standing), []),
        ...(agents.length > 0 ? [line("each node", amounts(totals.perNode), agents)] : []),
        ...(totals.jobs.pods > 0
            ? [line("jobs", amounts(totals.jobs), note("if all ran at once"))]
            : []),
    ];
}

/** Requests as cells; what is nothing is a dash. */
function amounts({ pods, cpu, memory, disk }: Requests): string[] {
    const cells: [number, string][] = [
        [pods, String(pods)],
        [cpu, cores(cpu)],
        [memory, size(memory)],
        [disk, size(disk)],
    ];
    return cells.map(([value, text]) => (value === 0 ? "-" : text));
}

function alertLines({ stack, run, settings, routing, routesFile }: Previewed): string[] {
    const heard = unheardAlerts(run.registrations, settings);
    if (heard === undefined) {
        return [...routing];
    }
    const { alerts, unheard } = heard;
    return [
        ...(unheard.length === 0
            ? [`${alerts} alerts; each has a receiver`]
            : wrapped(`${alerts} alerts; nobody is told of`, unheard, INNER)),
        ...routingChanges(stack, routing, routesFile),
    ];
}

function imageLines({ run, stack, settings }: Previewed): string[] {
    const images = imagesOf(run.registrations, settings);
    const short = images.map((image) => image.split("/").at(-1) ?? image).sort();
    const stale = chartsWithoutFacts(run.registrations);
    return [
        `${images.length}, with their registries in rendered/${stack}/images.txt:`,
        ...wrapped("   ", short, INNER),
        ...stale.map(
            (chart) => `those of ${chart} are of another version: npm run chart-facts reads it`,
        ),
    ];
}
