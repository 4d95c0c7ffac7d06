/** A client that lost the answer asks again within this time, and is given the same successor. */
export const LOST_ANSWER_GRACE_MS = 10_000;

export interface PresentedToken {
  expiresAt: Date;
  rotatedAt: Date | null;
  sessionRevokedAt: Date | null;
  /** Whether the successor was itself presented: then its answer was not lost. */
  successorUsed: boolean;
}

export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'invalid';

/**
 * Refresh token rotation with reuse detection (RFC 9700 §4.14.2) and a short grace for lost answers. The grace
 * ends at once when the successor was used: whoever used it had the answer, so the old token is in two hands.
 */
export function judgeRefresh(token: PresentedToken, now: Date): RefreshVerdict {
  if (token.sessionRevokedAt) return 'invalid';
  if (!token.rotatedAt) return token.expiresAt > now ? 'rotate' : 'invalid';
  const isPrompt = now.getTime() - token.rotatedAt.getTime() <= LOST_ANSWER_GRACE_MS;
  return isPrompt && !token.successorUsed ? 'repeat' : 'reused';
}
