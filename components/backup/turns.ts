import { DEADLINE } from "./scheduledJob";

const DAY = 1440;

/**
 * A cron schedule for one of many that would all start at its minute: they start one after another, the time between
 * them being what one may take, on the same days. Twelve that share a volume, or a node, would else wait for each other
 * until their deadline. With hours that are a list, `*` or steps they start in the same hour, and with such minutes at
 * the same time.
 */
export function inTurn(schedule: string, index: number, count: number): string {
    const [minute = "", hour = "", ...dates] = schedule.trim().split(/\s+/);
    if (!/^\d+$/.test(minute)) {
        return schedule;
    }
    if (!/^\d+$/.test(hour)) {
        const later = (Number(minute) + index * Math.floor(60 / count)) % 60;
        return [later, hour, ...dates].join(" ");
    }
    const apart = Math.min(DEADLINE / 60, Math.floor(DAY / count));
    const time = (Number(hour) * 60 + Number(minute) + index * apart) % DAY;
    return [time % 60, Math.floor(time / 60), ...dates].join(" ");
}
