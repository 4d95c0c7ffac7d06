import { kstDate } from '../../platform/clock/kst.js';

/** Pushes to one user in one KST day; urgent ones do not count. */
export const PUSHES_PER_DAY = 10;
/** A push that could not be sent for so long is not news any more. Longer than a night, which it may have to wait for. */
export const PUSH_KEPT_MS = 12 * 3_600_000;
const QUIET_FROM_MS = 21 * 3_600_000;
const QUIET_UNTIL_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
const URGENT_USEFUL_MS = 2 * 3_600_000;
/** What is about a walk that starts so soon is urgent. */
const SOON_MS = 2 * 3_600_000;

const midnightMs = (at: Date): number => Date.parse(`${kstDate(at)}T00:00:00.000+09:00`);

/** 21:00–08:00 in Korea; 21:00:00 is quiet, 08:00:00 is not. */
export function isQuiet(at: Date): boolean {
  const sinceMidnightMs = at.getTime() - midnightMs(at);
  return sinceMidnightMs >= QUIET_FROM_MS || sinceMidnightMs < QUIET_UNTIL_MS;
}

/** The next 08:00 in Korea, after `at`. */
export function quietEndsAt(at: Date): Date {
  const today = midnightMs(at) + QUIET_UNTIL_MS;
  return new Date(today > at.getTime() ? today : today + DAY_MS);
}

export const isSoon = (startsAt: Date, now: Date): boolean => startsAt.getTime() - now.getTime() <= SOON_MS;

/** Until when a push sent now may still reach a phone that was off: not into the night. */
export function deliverBefore(at: Date, urgent: boolean): Date {
  return new Date(urgent ? at.getTime() + URGENT_USEFUL_MS : midnightMs(at) + QUIET_FROM_MS);
}

export interface WaitingNote {
  id: string;
  groupKey: string | null;
  urgent: boolean;
  createdAt: Date;
  /** No longer true, wanted or in time. */
  outdated: boolean;
}

/** A push that was begun and has not reached every device. */
export interface OpenDelivery {
  id: string;
  /** KST date of its place. */
  day: string;
  ordinal: number | null;
  createdAt: Date;
  leasedUntil: Date | null;
  /** One of its notes is, or is gone: its text may name whom the reader must not hear of. */
  outdated: boolean;
}

const isLeased = ({ leasedUntil }: OpenDelivery, now: Date) => leasedUntil !== null && leasedUntil > now;
const isNews = ({ createdAt }: OpenDelivery, now: Date) =>
  now.getTime() - createdAt.getTime() <= PUSH_KEPT_MS;

/** Whether the notes of it that still hold are worth another push in its place. */
export const isToBeRedone = (delivery: OpenDelivery, now: Date): boolean =>
  delivery.outdated && !isLeased(delivery, now) && isNews(delivery, now);

export interface PlannedPush<Note> {
  /** Oldest first. */
  notes: Note[];
  /** Its place in the day; null for an urgent one. */
  ordinal: number | null;
  /** Several things that were held for the night. */
  overnight: boolean;
}

export interface PushPlan<Note> {
  pushes: PlannedPush<Note>[];
  dropped: Note[];
  /** Over the day's limit. */
  capped: Note[];
  /** There is no device to send them to. */
  unreachable: Note[];
  /** To be tried again, at the place of this day. */
  retried: { id: string; ordinal: number | null }[];
  /** Not to be tried any more. */
  abandoned: string[];
}

interface Situation<Note> {
  now: Date;
  /** Oldest first. */
  notes: Note[];
  open: OpenDelivery[];
  /** Highest place taken in this KST day. */
  placesTaken: number;
  reachable: boolean;
}

/** What becomes of a user's waiting notes and unfinished pushes now. */
export function planPushes<Note extends WaitingNote>({
  now,
  notes,
  open,
  placesTaken,
  reachable,
}: Situation<Note>): PushPlan<Note> {
  const plan: PushPlan<Note> = {
    pushes: [],
    dropped: [],
    capped: [],
    unreachable: [],
    retried: [],
    abandoned: [],
  };
  const quiet = isQuiet(now);
  const today = kstDate(now);
  let places = placesTaken;
  const nextPlace = () => (places < PUSHES_PER_DAY ? ++places : null);

  for (const delivery of open) {
    const { id, day, ordinal, outdated } = delivery;
    if (isLeased(delivery, now)) continue;
    if (outdated || !isNews(delivery, now)) plan.abandoned.push(id);
    else if (ordinal === null || (day === today && !quiet)) plan.retried.push({ id, ordinal });
    else if (!quiet) {
      const place = nextPlace();
      if (place === null) plan.abandoned.push(id);
      else plan.retried.push({ id, ordinal: place });
    }
  }

  plan.dropped = notes.filter((note) => note.outdated);
  const due = notes.filter((note) => !note.outdated && (note.urgent || !quiet));
  if (!reachable) return { ...plan, unreachable: due };
  for (const bundle of bundlesOf(due, now)) {
    const ordinal = bundle.notes[0]!.urgent ? null : nextPlace();
    if (ordinal === null && !bundle.notes[0]!.urgent) plan.capped.push(...bundle.notes);
    else plan.pushes.push({ ...bundle, ordinal });
  }
  return plan;
}

/** One bundle is one push: a group, or everything that was held for the night. */
function bundlesOf<Note extends WaitingNote>(notes: Note[], now: Date) {
  const isHeld = ({ urgent, createdAt }: Note) => !urgent && quietEndsAt(createdAt) <= now;
  const held = notes.filter(isHeld);
  const overnight = grouped(held).length > 1;
  const bundles = [
    ...(overnight ? [held] : grouped(held)),
    ...grouped(notes.filter((note) => note.urgent)),
    ...grouped(notes.filter((note) => !note.urgent && !isHeld(note))),
  ];
  return bundles
    .sort((a, b) => a[0]!.createdAt.getTime() - b[0]!.createdAt.getTime())
    .map((bundle) => ({ notes: bundle, overnight: overnight && bundle === held }));
}

function grouped<Note extends WaitingNote>(notes: Note[]): Note[][] {
  const groups = new Map<string, Note[]>();
  for (const note of notes) {
    const key = note.groupKey === null ? `note ${note.id}` : `group ${note.groupKey}`;
    groups.set(key, [...(groups.get(key) ?? []), note]);
  }
  return [...groups.values()];
}
