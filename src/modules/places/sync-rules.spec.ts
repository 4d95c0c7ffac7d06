import { maySweepClose, nextRunOf, pagesOf } from './sync-rules.js';

const now = new Date('2026-11-20T17:40:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

it.each([
  [null, null, true],
  [daysAgo(7), daysAgo(1), true],
  [daysAgo(6), daysAgo(1), false],
  [daysAgo(6), daysAgo(6), false],
])('the last sweep at %p and the last run at %p make the next one a sweep: %p', (sweepAt, runAt, isSweep) => {
  const next = nextRunOf(sweepAt, runAt, now);
  expect(next.isSweep).toBe(isSweep);
  expect(next.changedFrom).toEqual(isSweep ? null : new Date(runAt!.getTime() - 2 * 86_400_000));
});

it.each([
  ['all of it', { listed: 100, totalCount: 100, open: 90, seen: 90 }, true],
  ['all, some of which closed', { listed: 100, totalCount: 100, open: 90, seen: 72 }, true],
  ['all, most of which closed', { listed: 100, totalCount: 100, open: 90, seen: 71 }, false],
  ['one row too few', { listed: 99, totalCount: 100, open: 90, seen: 90 }, false],
  ['nothing', { listed: 0, totalCount: 0, open: 0, seen: 0 }, false],
  ['no number', { listed: 100, totalCount: null, open: 90, seen: 90 }, false],
])('a list of %s', (_name, list, may) => {
  expect(maySweepClose(list)).toBe(may);
});

it.each([
  [0, 1],
  [1, 1],
  [100, 1],
  [101, 2],
])('%i rows are %i pages', (rows, pages) => {
  expect(pagesOf(rows, 100)).toBe(pages);
});
