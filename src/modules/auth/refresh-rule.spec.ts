import { judgeRefresh, type PresentedToken } from './refresh-rule.js';

const now = new Date('2026-11-21T00:00:00.000Z');
const before = (ms: number) => new Date(now.getTime() - ms);
const fresh: PresentedToken = {
  expiresAt: before(-1),
  rotatedAt: null,
  sessionRevokedAt: null,
  successorUsed: false,
};

it.each<[string, Partial<PresentedToken>, string]>([
  ['rotates a live token', {}, 'rotate'],
  ['refuses a token at its expiry', { expiresAt: now }, 'invalid'],
  ['refuses a token of an ended session', { sessionRevokedAt: before(1) }, 'invalid'],
  ['repeats the answer at once', { rotatedAt: now }, 'repeat'],
  ['repeats the answer after 10 s', { rotatedAt: before(10_000) }, 'repeat'],
  ['sees reuse after more than 10 s', { rotatedAt: before(10_001) }, 'reused'],
  ['sees reuse after the successor was used', { rotatedAt: before(1), successorUsed: true }, 'reused'],
  ['sees reuse of a token that also expired', { rotatedAt: before(10_001), expiresAt: before(1) }, 'reused'],
  [
    'does not end an ended session again',
    { rotatedAt: before(10_001), sessionRevokedAt: before(1) },
    'invalid',
  ],
])('%s', (_, bent, verdict) => expect(judgeRefresh({ ...fresh, ...bent }, now)).toBe(verdict));
