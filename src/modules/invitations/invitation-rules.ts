import type { FieldError } from '../../platform/http/problem.js';

/** An invitation to walk right now holds this long; one for later, until the time it proposes. */
const ANSWERED_WITHIN_MS = 2 * 3_600_000;
const PROPOSED_AHEAD_AT_MOST_MS = 7 * 86_400_000;

export function proposalFaults(proposedAt: Date | null, now: Date): FieldError[] {
  if (!proposedAt) return [];
  const aheadMs = proposedAt.getTime() - now.getTime();
  if (aheadMs <= 0) return [inPast];
  return aheadMs > PROPOSED_AHEAD_AT_MOST_MS ? [tooFar] : [];
}

export const expiryOf = (proposedAt: Date | null, now: Date): Date =>
  proposedAt ?? new Date(now.getTime() + ANSWERED_WITHIN_MS);

const inPast: FieldError = {
  path: 'proposedAt',
  code: 'in-past',
  message: { ko: '지금보다 뒤여야 해요.', en: 'Must be in the future.' },
};
const tooFar: FieldError = {
  path: 'proposedAt',
  code: 'too-late',
  message: { ko: '7일 안이어야 해요.', en: 'Must be within 7 days.' },
};
