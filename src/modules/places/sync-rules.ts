/** Nights between two runs over everything. */
const SWEEP_EVERY_MS = 6.5 * 86_400_000;
/** What changed while the last run was going on, or was entered late, is asked for again. */
const OVERLAP_MS = 2 * 86_400_000;
/** Below this share of the places that are open, a sweep that saw no more did not see the whole list. */
const SEEN_AT_LEAST = 0.8;
/** A run that rested longer starts over: its list is not the one that it began to read. */
export const RESUMED_WITHIN_MS = 36 * 3_600_000;

/** Whether the next run goes over everything, or only over what changed since a time. */
export function nextRunOf(
  lastSweepAt: Date | null,
  lastRunAt: Date | null,
  now: Date,
): { isSweep: boolean; changedFrom: Date | null } {
  const isSweep = !lastSweepAt || !lastRunAt || now.getTime() - lastSweepAt.getTime() >= SWEEP_EVERY_MS;
  return { isSweep, changedFrom: isSweep ? null : new Date(lastRunAt.getTime() - OVERLAP_MS) };
}

/**
 * Whether what a sweep did not see may be closed: a list that was cut, or that shifted while it was read, is no proof.
 * @param listed rows that came, @param totalCount as many as the source says there are
 * @param open places that are open, @param seen those of them that were listed
 */
export const maySweepClose = (list: {
  listed: number;
  totalCount: number | null;
  open: number;
  seen: number;
}): boolean =>
  list.totalCount !== null &&
  list.totalCount > 0 &&
  list.listed >= list.totalCount &&
  list.seen >= list.open * SEEN_AT_LEAST;

export const pagesOf = (totalCount: number, perPage: number): number =>
  Math.max(1, Math.ceil(totalCount / perPage));
