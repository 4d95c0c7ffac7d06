import type { FieldError } from '../../platform/http/problem.js';

export const STARTS_WITHIN_MS = 60 * 86_400_000;

export function startFaults(startsAt: Date, now: Date): FieldError[] {
  const aheadMs = startsAt.getTime() - now.getTime();
  if (aheadMs <= 0) return [inPast];
  return aheadMs > STARTS_WITHIN_MS ? [tooFar] : [];
}

/** What a dog has to be; null and none: anything. */
export interface DogLimits {
  maxWeightKg: number | null;
  temperaments: readonly string[];
}

interface Dog {
  weightKg: number | null;
  temperament: readonly string[];
}

export const isLimited = ({ maxWeightKg, temperaments }: DogLimits): boolean =>
  maxWeightKg !== null || temperaments.length > 0;

/**
 * In what a dog does not fit. Limits are there for safety, so what its owner did not say does not fit: a dog has
 * a weight that is not above the limit, and temperaments, of which none is outside of those that are welcome.
 */
export function misfitsOf(
  { weightKg, temperament }: Dog,
  { maxWeightKg, temperaments }: DogLimits,
): ('weight' | 'temperament')[] {
  const isLightEnough = maxWeightKg === null || (weightKg !== null && weightKg <= maxWeightKg);
  const isWelcome =
    temperaments.length === 0 ||
    (temperament.length > 0 && temperament.every((tag) => temperaments.includes(tag)));
  return [...(isLightEnough ? [] : (['weight'] as const)), ...(isWelcome ? [] : (['temperament'] as const))];
}

export interface MeetupFacts extends DogLimits {
  title: string;
  placeName: string;
  lat: number;
  lng: number;
  startsAt: Date;
}

export const CHANGES = ['title', 'time', 'place', 'limits'] as const;
export type Change = (typeof CHANGES)[number];

/** What participants are told of. */
export function changesBetween(before: MeetupFacts, after: MeetupFacts): Change[] {
  const placeOf = ({ placeName, lat, lng }: MeetupFacts) => JSON.stringify([placeName, lat, lng]);
  const limitsOf = ({ maxWeightKg, temperaments }: MeetupFacts) =>
    JSON.stringify([maxWeightKg, [...temperaments].sort()]);
  return [
    ...(before.title === after.title ? [] : (['title'] as const)),
    ...(before.startsAt.getTime() === after.startsAt.getTime() ? [] : (['time'] as const)),
    ...(placeOf(before) === placeOf(after) ? [] : (['place'] as const)),
    ...(limitsOf(before) === limitsOf(after) ? [] : (['limits'] as const)),
  ];
}

const inPast: FieldError = {
  path: 'startsAt',
  code: 'in-past',
  message: { ko: '지금보다 뒤여야 해요.', en: 'Must be in the future.' },
};
const tooFar: FieldError = {
  path: 'startsAt',
  code: 'too-late',
  message: { ko: '60일 안이어야 해요.', en: 'Must be within 60 days.' },
};
