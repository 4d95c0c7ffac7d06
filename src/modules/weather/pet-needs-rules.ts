import {
  BRACHYCEPHALIC,
  LARGE_FROM_KG,
  type NeedCode,
  PUPPY_BELOW_MONTHS,
  SENIOR_FROM_YEARS,
  SMALL_BELOW_KG,
} from './walk-score-table.js';

export interface Dog {
  breed: string | null;
  /** `YYYY-MM-DD` */
  birthDate: string | null;
  weightKg: number | null;
}

/** What makes this dog mind the weather more than others. @param today KST date */
export function needsOf(dog: Dog, today: string): NeedCode[] {
  const size = sizeOf(dog.weightKg);
  const age = ageOf(dog.birthDate, today);
  const needs: NeedCode[] = [];
  if (dog.breed === null) needs.push('unknown-pet-breed');
  else if (isBrachycephalic(dog.breed)) needs.push('pet-brachycephalic');
  if (age === null) needs.push('unknown-pet-age');
  else if (age.months < PUPPY_BELOW_MONTHS) needs.push('pet-puppy');
  else if (age.years >= SENIOR_FROM_YEARS[size]) needs.push('pet-senior');
  if (size === 'unknown') needs.push('unknown-pet-size');
  else if (size !== 'medium') needs.push(`pet-${size}`);
  return needs;
}

export function isBrachycephalic(breed: string): boolean {
  const name = breed.toLowerCase().replace(/[\s\-_'·.]/g, '');
  return BRACHYCEPHALIC.some((known) => name.includes(known));
}

function sizeOf(weightKg: number | null): keyof typeof SENIOR_FROM_YEARS {
  if (weightKg === null) return 'unknown';
  return weightKg < SMALL_BELOW_KG ? 'small' : weightKg < LARGE_FROM_KG ? 'medium' : 'large';
}

function ageOf(birthDate: string | null, today: string): { months: number; years: number } | null {
  if (birthDate === null || birthDate > today) return null;
  const [born, now] = [birthDate, today].map((date) => date.split('-').map(Number)) as [number[], number[]];
  const months = (now[0]! - born[0]!) * 12 + now[1]! - born[1]! - (now[2]! < born[2]! ? 1 : 0);
  return { months, years: Math.floor(months / 12) };
}
