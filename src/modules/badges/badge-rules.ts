import type { CountingWalk, Elsewhere, Facts } from './facts.js';
import { type Season, seasonYearOf } from './season-rules.js';

export interface Outcome {
  /** What counts towards the target so far; at or above it, the badge is earned. */
  value: number;
  /** The walks it came from, once it is reached. */
  walkIds: string[];
}

/** Says how far somebody has come. Targets are positive. */
export type Rule = (facts: Facts, target: number) => Outcome;

/** Metres of all walks together. It comes from the walk that reached the target. */
export const totalDistanceM: Rule = ({ walks }, target) =>
  summed(walks, ({ distanceM }) => distanceM, target);

/** Metres of the longest walk. It comes from the first that was long enough. */
export const longestWalkM: Rule = ({ walks }, target) => ({
  value: walks.reduce((longest, { distanceM }) => Math.max(longest, distanceM), 0),
  walkIds: walks
    .filter(({ distanceM }) => distanceM >= target)
    .slice(0, 1)
    .map(({ id }) => id),
});

/** It comes from the walk that made the number full. */
export const walkCount: Rule = ({ walks }, target) => summed(walks, () => 1, target);

/**
 * Days in a row: those of the streak that runs, unless one was long enough already. It comes from the first walk
 * of each day of the streak that was so long first.
 */
export const streakDays: Rule = ({ walks, streak }, target) => {
  const reachedOn = streak.reached[target - 1];
  if (reachedOn === undefined) return { value: streak.days, walkIds: [] };
  const firstOfDay = new Map<string, string>();
  for (const { id, walkDate } of walks) {
    if (walkDate <= reachedOn && !firstOfDay.has(walkDate)) firstOfDay.set(walkDate, id);
  }
  return { value: streak.reached.length, walkIds: [...firstOfDay.values()].slice(-target) };
};

/** Cells of about 300 m in which a walk spent 3 min or more. */
export const places: Rule = (facts, target) => distinct(facts, ({ cells }) => cells, target);

export const dongs: Rule = (facts, target) =>
  distinct(facts, ({ regionCode }) => (regionCode ? [regionCode] : []), target);

const GU_CODE_LENGTH = 5;
export const gus: Rule = (facts, target) =>
  distinct(facts, ({ regionCode }) => (regionCode ? [regionCode.slice(0, GU_CODE_LENGTH)] : []), target);

type Counted = { [K in keyof Elsewhere]: Elsewhere[K] extends number ? K : never }[keyof Elsewhere];
type Listed = Exclude<keyof Elsewhere, Counted>;

/** A number from outside of the walks. */
export const counted =
  (what: Counted): Rule =>
  ({ elsewhere }) => ({ value: elsewhere[what], walkIds: [] });

/** The first walks that are on a list from outside. */
export const walksListed =
  (what: Listed): Rule =>
  ({ walks, elsewhere }, target) =>
    first(
      walks.filter(({ id }) => elsewhere[what].includes(id)),
      target,
    );

/** The first walks that started in these KST hours, both inclusive. */
export const walksStartedIn =
  (fromHour: number, toHour: number): Rule =>
  ({ walks }, target) =>
    first(
      walks.filter(({ startHour }) => fromHour <= startHour && startHour <= toHour),
      target,
    );

/** The first walks of a season; which walks are its own is decided by `inSeason`. */
export const walksOfSeason: Rule = ({ walks }, target) => first(walks, target);

/** The facts as one year of a season sees them. */
export function inSeason(facts: Facts, season: Season, year: number): Facts {
  const { beforeHour = 24 } = season;
  const isOwn = ({ walkDate, startHour }: CountingWalk) =>
    startHour < beforeHour && seasonYearOf(season, walkDate) === year;
  return { ...facts, walks: facts.walks.filter(isOwn) };
}

function summed(
  walks: readonly CountingWalk[],
  amountOf: (walk: CountingWalk) => number,
  target: number,
): Outcome {
  let value = 0;
  let reachedBy: string[] = [];
  for (const walk of walks) {
    value += amountOf(walk);
    if (value >= target && reachedBy.length === 0) reachedBy = [walk.id];
  }
  return { value, walkIds: reachedBy };
}

/** How many different things the walks brought; it comes from the walk that brought the last one needed. */
function distinct(
  { walks }: Facts,
  thingsOf: (walk: CountingWalk) => readonly (string | number)[],
  target: number,
): Outcome {
  const seen = new Set<string | number>();
  return summed(
    walks,
    (walk) => {
      const before = seen.size;
      for (const thing of thingsOf(walk)) seen.add(thing);
      return seen.size - before;
    },
    target,
  );
}

const first = (walks: readonly CountingWalk[], target: number): Outcome => ({
  value: walks.length,
  walkIds: walks.length < target ? [] : walks.slice(0, target).map(({ id }) => id),
});
