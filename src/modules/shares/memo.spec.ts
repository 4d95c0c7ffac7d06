import type { Clock } from '../../platform/clock/clock.js';
import { Memo } from './memo.js';

let nowMs: number;
let made: string[];
let memo: Memo<string>;
beforeEach(() => {
  [nowMs, made] = [0, []];
  memo = new Memo({ nowMs: () => nowMs } as Clock, 2, 1_000);
});

const ask = (key: string) =>
  memo.get(key, () => {
    made.push(key);
    return key === 'bad' ? Promise.reject(new Error('bad')) : Promise.resolve(key.toUpperCase());
  });

it('makes a result once, also for those who ask at once', async () => {
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['A', 'A', 'B']);
  expect(await ask('a')).toBe('A');
  expect(made).toEqual(['a', 'b']);
});

it('forgets the one that was not asked for the longest, what is old, and what it is told to', async () => {
  for (const key of ['a', 'b', 'a', 'c', 'a']) await ask(key);
  expect(made).toEqual(['a', 'b', 'c']);
  await ask('b');
  expect(made).toEqual(['a', 'b', 'c', 'b']);
  nowMs = 1_000;
  await ask('b');
  memo.forget('b');
  await ask('b');
  expect(made).toEqual(['a', 'b', 'c', 'b', 'b', 'b']);
});

it('tries again what failed', async () => {
  await expect(Promise.all([ask('bad'), ask('bad')])).rejects.toThrow('bad');
  await expect(ask('bad')).rejects.toThrow('bad');
  expect(made).toEqual(['bad', 'bad']);
});
