import { inSeason, type Outcome } from './badge-rules.js';
import { BADGES, type BadgeDefinition } from './badge-table.js';
import type { Facts } from './facts.js';
import { seasonYearOf } from './season-rules.js';

/** The `year` of a badge that is earned once. */
export const ONCE = 0;
/** An earned badge can be taken back so long. */
export const TAKEN_BACK_WITHIN_MS = 7 * 86_400_000;

export interface EarnedBadge {
  code: string;
  year: number;
  earnedAt: Date;
  walkIds: string[];
}

export interface Reached extends Outcome {
  definition: BadgeDefinition;
  /** The year in which its season began; `ONCE` for the others. */
  year: number;
}

export function outcomeOf(definition: BadgeDefinition, facts: Facts, year: number): Outcome {
  const { rule, season, target } = definition;
  return rule(season ? inSeason(facts, season, year) : facts, target);
}

/** Everything whose target is met. */
export function reachedOf(facts: Facts): Reached[] {
  return BADGES.flatMap((definition) =>
    yearsOf(definition, facts).map((year) => ({ definition, year, ...outcomeOf(definition, facts, year) })),
  ).filter(({ definition, value }) => value >= definition.target);
}

/**
 * An earned badge is taken back within 7 days, when a walk that it came from counts no more and the target is
 * not met without it.
 */
export function isTakenBack(
  earned: EarnedBadge,
  facts: Facts,
  reached: readonly Reached[],
  now: Date,
): boolean {
  if (now.getTime() - earned.earnedAt.getTime() > TAKEN_BACK_WITHIN_MS) return false;
  const counting = new Set(facts.walks.map(({ id }) => id));
  return (
    earned.walkIds.some((id) => !counting.has(id)) &&
    !reached.some(({ definition, year }) => definition.code === earned.code && year === earned.year)
  );
}

function yearsOf({ season }: BadgeDefinition, { walks }: Facts): number[] {
  if (!season) return [ONCE];
  return [...new Set(walks.map(({ walkDate }) => seasonYearOf(season, walkDate)))].filter(
    (year) => year !== null,
  );
}
