/**
 * How well two walkers of one gu go together, by four parts of 0–1:
 *
 * - region: 1 in the same dong, 0.5 in another dong of the gu. Nobody outside of the gu is suggested.
 * - hours: the part of the day that two walkers share: both give each 3 h of the KST day its share of their walks'
 *   starts, and the smaller share of each is summed (histogram intersection, Swain & Ballard 1991).
 * - breed: 1 when a dog of each is of the same breed; 0.5 when a dog of each is of the same size (by weight); else 0.
 * - activity: metres of the smaller over those of the larger, in the same days.
 *
 * The score is their weighted sum, kept in full percent: exact, it would tell the parts to whoever moves their own.
 * Of oneself, all walks of the last 60 days that are not private count; of the one suggested only the public ones, so
 * that nothing is told of a walk that the viewer could not open. Private profiles are suggested to nobody.
 */
export const WEIGHTS = { region: 0.4, hours: 0.25, breed: 0.2, activity: 0.15 } as const;

export const SAME_DONG_SCORE = 1;
export const SAME_GU_SCORE = 0.5;
export const SAME_BREED_SCORE = 1;
export const SAME_SIZE_SCORE = 0.5;

/** Walks of so many days up to today; who has none is not suggested. */
export const WALKS_COUNTED_DAYS = 60;
export const HOURS_A_PART = 3;
export const PARTS_OF_DAY = 24 / HOURS_A_PART;
/** 소형견 below the first, 중형견 below the second, 대형견 from there. */
export const MEDIUM_FROM_KG = 10;
export const LARGE_FROM_KG = 25;

export const KEPT_PER_USER = 50;
/**
 * With how many each is compared at most: those who walked last in the own dong, and in each other dong of the gu. So
 * the work grows with the users of a gu and not with their square.
 */
export const COMPARED_IN_DONG = 150;
export const COMPARED_IN_OTHER_DONG = 40;

/** From here on a part is a reason. */
const SAME_HOURS_FROM = 0.5;
const SIMILAR_ACTIVITY_FROM = 0.7;

export const REASONS = [
  'same_dong',
  'same_gu',
  'same_hours',
  'same_breed',
  'same_size',
  'similar_activity',
] as const;
export type Reason = (typeof REASONS)[number];

export interface Parts {
  region: number;
  hours: number;
  breed: number;
  activity: number;
}

/** Why somebody is suggested: the region always, the others when they say something. */
export function reasonsOf({ region, hours, breed, activity }: Parts): Reason[] {
  const reasons: [Reason, boolean][] = [
    ['same_dong', region >= SAME_DONG_SCORE],
    ['same_gu', region < SAME_DONG_SCORE],
    ['same_hours', hours >= SAME_HOURS_FROM],
    ['same_breed', breed >= SAME_BREED_SCORE],
    ['same_size', breed >= SAME_SIZE_SCORE && breed < SAME_BREED_SCORE],
    ['similar_activity', activity >= SIMILAR_ACTIVITY_FROM],
  ];
  return reasons.filter(([, isOne]) => isOne).map(([reason]) => reason);
}
