import type { FieldError } from '../../platform/http/problem.js';

/** No dog of today was born before; an earlier year is a slip of the finger. */
const EARLIEST_BIRTH_DATE = '1990-01-01';

export interface HealthFacts {
  kind: string;
  date: string;
  weightKg?: number | null;
  nextDue?: string | null;
}

/** @param today KST date, as all dates here are `YYYY-MM-DD` and compare as text */
export function birthDateFaults(birthDate: string | null | undefined, today: string): FieldError[] {
  if (birthDate == null) return [];
  if (birthDate > today) return [inFuture('birthDate')];
  return birthDate < EARLIEST_BIRTH_DATE ? [tooEarly('birthDate')] : [];
}

/** What no single field of a health record can say about itself. */
export function healthFaults({ kind, date, weightKg, nextDue }: HealthFacts, today: string): FieldError[] {
  const isWeight = kind === 'weight';
  const hasWeight = weightKg != null;
  return [
    ...(date > today ? [inFuture('date')] : []),
    ...(isWeight && !hasWeight ? [weightMissing] : []),
    ...(!isWeight && hasWeight ? [weightMisplaced] : []),
    ...(nextDue != null && nextDue < date ? [tooEarly('nextDue')] : []),
  ];
}

const inFuture = (path: string): FieldError => ({
  path,
  code: 'in-future',
  message: { ko: '오늘 이후의 날짜는 쓸 수 없어요.', en: 'Must not be in the future.' },
});

const tooEarly = (path: string): FieldError => ({
  path,
  code: 'too-early',
  message: { ko: '날짜가 너무 일러요.', en: 'The date is too early.' },
});

const weightMissing: FieldError = {
  path: 'weightKg',
  code: 'required',
  message: { ko: '몸무게 기록에는 몸무게가 필요해요.', en: 'A weight record needs the weight.' },
};

const weightMisplaced: FieldError = {
  path: 'weightKg',
  code: 'not-allowed',
  message: { ko: '몸무게 기록에만 쓸 수 있어요.', en: 'Only a weight record has a weight.' },
};
