import * as fs from "node:fs";
import * as path from "node:path";

import type { DashboardJson, VariableJson } from "../../components/dashboards/model/types";
import { Answers, beginOf } from "./answers";
import type { Page } from "./browser";
import { packageOf } from "./bundle";
import { NOW } from "./now";

/** What a screen shows, in pixels. */
const SCREEN = { width: 1440, height: 900 };
const PHONE = { width: 412, height: 915 };

/** The pictures of each dashboard: light, dark, as long as it is, and a phone's. */
export const SHOTS = ["light", "dark", "whole", "phone"] as const;

/** What a picture shows. */
export interface Shown {
    readonly dashboard: DashboardJson;
    readonly answers: Answers;
    readonly dashboards: readonly Pick<DashboardJson, "uid" | "title" | "tags">[];
}

/** Writes the pictures of one dashboard to a folder. */
export async function draw(
    page: Page,
    folder: string,
    { dashboard, answers, dashboards }: Shown,
): Promise<void> {
    const { list = [] } = dashboard.templating;
    const context = {
        from: beginOf(dashboard),
        to: NOW,
        time: dashboard.time?.from.replace("now-", "Last "),
        note: "Drawn with @grafana/ui from a test's Prometheus, without Grafana: bars, links of titles and marks of alerts are not Grafana's",
        variables: list.map((variable) => ({
            label: variable.label ?? variable.name,
            value: valueOf(variable),
        })),
        dashboards,
    };
    const shot = async (
        name: (typeof SHOTS)[number],
        mode: string,
        width: number,
        height?: number,
    ) => {
        await page.resize(width, height ?? SCREEN.height);
        const argument = JSON.stringify({ dashboard, answers, mode, width, context });
        const whole = (await page.evaluate(`window.draw(${argument})`)) as number;
        await page.resize(width, height ?? whole);
        const failures = (await page.evaluate("window.settled()")) as string[];
        if (failures.length > 0) {
            throw new Error(`${dashboard.uid}: ${failures.join("\n")}`);
        }
        await save(path.join(folder, `${dashboard.uid}-${name}.png`), await page.screenshot());
    };
    await shot("light", "light", SCREEN.width, SCREEN.height);
    await shot("dark", "dark", SCREEN.width, SCREEN.height);
    await shot("whole", "light", SCREEN.width);
    await shot("phone", "dark", PHONE.width, PHONE.height);
}

function valueOf({ type, current }: VariableJson): string {
    const { text = "All" } = (current ?? {}) as { text?: string | string[] };
    return type === "datasource" ? "Prometheus" : String(text);
}

/** At most 256 colours: a third of the size, and nobody sees the difference. */
async function save(file: string, png: Buffer): Promise<void> {
    interface Image {
        png(options: object): { toBuffer(): Promise<Buffer> };
    }
    const sharp = (await packageOf("sharp")) as (png: Buffer) => Image;
    const small = await sharp(png)
        .png({ palette: true, colours: 256, dither: 0, effort: 10, compressionLevel: 9 })
        .toBuffer();
    fs.writeFileSync(file, small);
    console.log(`${path.basename(file)}: ${Math.ceil(small.length / 1024)} KiB`);
}
