import fc from 'fast-check';
import { latestSlot } from './schedule.js';

const slot = (cron: string, now: string) => latestSlot(cron, new Date(now)).toISOString();

it.each([
  [
    'the second before midnight in Korea',
    '0 0 * * *',
    '2026-11-20T14:59:59.999Z',
    '2026-11-19T15:00:00.000Z',
  ],
  ['midnight in Korea itself', '0 0 * * *', '2026-11-20T15:00:00.000Z', '2026-11-20T15:00:00.000Z'],
  ['a millisecond after it', '0 0 * * *', '2026-11-20T15:00:00.001Z', '2026-11-20T15:00:00.000Z'],
  [
    'Monday 00:00 in Korea is Sunday in UTC',
    '0 0 * * 1',
    '2026-11-22T15:00:00.000Z',
    '2026-11-22T15:00:00.000Z',
  ],
  ['just before Monday in Korea', '0 0 * * 1', '2026-11-22T14:59:59.000Z', '2026-11-15T15:00:00.000Z'],
  ['the first of a month in Korea', '0 0 1 * *', '2026-02-28T15:00:00.000Z', '2026-02-28T15:00:00.000Z'],
  ['the new year in Korea', '0 0 1 1 *', '2026-12-31T15:00:00.000Z', '2026-12-31T15:00:00.000Z'],
  [
    'the last day of a leap year February',
    '0 4 29 2 *',
    '2028-03-01T00:00:00.000Z',
    '2028-02-28T19:00:00.000Z',
  ],
  ['every ten minutes', '*/10 * * * *', '2026-11-20T03:09:59.999Z', '2026-11-20T03:00:00.000Z'],
  ['04:00 in Korea', '0 4 * * *', '2026-11-20T18:59:59.000Z', '2026-11-19T19:00:00.000Z'],
])('%s', (_, cron, now, expected) => {
  expect(slot(cron, now)).toBe(expected);
});

it('is never in the future, on the minute, and the same until the next', () => {
  const from = Date.parse('2026-01-01T00:00:00Z');
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 * 365 * 86_400_000 }),
      fc.constantFrom('5 * * * *', '0 4 * * *', '*/10 * * * *'),
      (ms, cron) => {
        const at = latestSlot(cron, new Date(from + ms));
        expect(at.getTime()).toBeLessThanOrEqual(from + ms);
        expect(at.getTime() % 60_000).toBe(0);
        expect(latestSlot(cron, at)).toEqual(at);
      },
    ),
    { numRuns: 300, seed: 11 },
  );
});
