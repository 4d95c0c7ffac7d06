import { addDays, kstDate, kstHour, kstMidnight } from '../../platform/clock/kst.js';

/** The three services of KMA's short-range forecast, by what they tell. */
export const PARTS = ['nowcast', 'soon', 'days'] as const;
export type Part = (typeof PARTS)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface Publication {
  /** KST hours of the slots. */
  hours: readonly number[];
  /** Minute of the slot. */
  minute: number;
  /** How long after its slot it can be had (PROVIDERS.md §7). */
  delayMs: number;
}

const HOURLY = Array.from({ length: 24 }, (_, hour) => hour);

export const PUBLICATIONS: Record<Part, Publication> = {
  nowcast: { hours: HOURLY, minute: 0, delayMs: 10 * MINUTE_MS },
  soon: { hours: HOURLY, minute: 30, delayMs: 15 * MINUTE_MS },
  days: { hours: [2, 5, 8, 11, 14, 17, 20, 23], minute: 0, delayMs: 10 * MINUTE_MS },
};

/** A slot that is not there yet is looked for this many slots earlier at most. */
const FALLBACKS = 2;

/** The newest slot that should be there by now. */
export function newestSlot(part: Part, now: Date): Date {
  return slotAtOrBefore(part, now.getTime() - PUBLICATIONS[part].delayMs);
}

/** What there is was asked for so lately that a newer slot is not looked for again yet. */
const LOOKED_LATELY_MS = 5 * MINUTE_MS;

/** Whether a newer slot should be there than what was fetched; nulls for a part that never was. */
export function isDue(part: Part, baseAt: Date | null, fetchedAt: Date | null, now: Date): boolean {
  if (baseAt === null || fetchedAt === null) return true;
  return baseAt < newestSlot(part, now) && now.getTime() - fetchedAt.getTime() >= LOOKED_LATELY_MS;
}

/** The slots to ask for, in this order: the newest, and on "no data" those before it. */
export function slotsToAsk(part: Part, now: Date): Date[] {
  const slots = [newestSlot(part, now)];
  while (slots.length <= FALLBACKS) slots.push(slotAtOrBefore(part, slots.at(-1)!.getTime() - 1));
  return slots;
}

/** The slot of the nowcast for the hour in which something happened. */
export const hourOf = (instant: Date): Date => slotAtOrBefore('nowcast', instant.getTime());

/** As KMA wants to be asked: KST date and time without separators. */
export function wireSlot(slot: Date): { base_date: string; base_time: string } {
  const minute = new Date(slot).getUTCMinutes();
  return {
    base_date: kstDate(slot).replaceAll('-', ''),
    base_time: String(kstHour(slot)).padStart(2, '0') + String(minute).padStart(2, '0'),
  };
}

function slotAtOrBefore(part: Part, atMs: number): Date {
  const { hours, minute } = PUBLICATIONS[part];
  const date = kstDate(new Date(atMs));
  for (const day of [date, addDays(date, -1)]) {
    const midnightMs = kstMidnight(day).getTime();
    const slots = hours.map((hour) => midnightMs + hour * HOUR_MS + minute * MINUTE_MS);
    const last = slots.filter((slot) => slot <= atMs).at(-1);
    if (last !== undefined) return new Date(last);
  }
  throw new Error('A day without slots');
}
