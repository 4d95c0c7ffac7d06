import fc from 'fast-check';
import { aliasesOfText, straightened } from './region-alias-rules.js';

const code = (n: number) => String(1_100_000_000 + n);
const alias = (from: number, to: number) => ({
  ...{ oldCode: code(from), newCode: code(to) },
  validFrom: '2024-01-01',
});

it('reads what spreadsheets write', () => {
  const text = `\ufeffold,new,from\r\n${code(1)},${code(2)},2024-01-01\r\n${code(3)}\t${code(4)}\t2024-01-01\n${code(5)}; ${code(6)}; 2024-01-01\n`;
  expect(aliasesOfText(text, '2026-01-01')).toEqual({
    aliases: [alias(1, 2), alias(3, 4), alias(5, 6)],
    rejected: [],
  });
});

it('leads each code to the end of its chain', () => {
  expect(straightened([alias(1, 2), alias(3, 4), alias(2, 3)])).toEqual([
    alias(1, 4),
    alias(3, 4),
    alias(2, 4),
  ]);
});

it('lets a later alias overrule an earlier one', () => {
  expect(straightened([alias(1, 2), alias(1, 3)])).toEqual([alias(1, 3)]);
});

it.each([
  [[alias(1, 1)]],
  [[alias(1, 2), alias(2, 1)]],
  [[alias(9, 1), alias(1, 2), alias(2, 3), alias(3, 1)]],
])('refuses circles', (aliases) => {
  expect(() => straightened(aliases)).toThrow(/circle/);
});

it('is done after one time, whatever the aliases', () => {
  const forwards = fc
    .array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 20 })), { maxLength: 60 })
    .map((steps) => steps.map(([from, step]) => alias(from, from + step)));
  fc.assert(
    fc.property(forwards, (aliases) => {
      const once = straightened(aliases);
      const old = new Set(once.map(({ oldCode }) => oldCode));
      expect(once.every(({ newCode }) => !old.has(newCode))).toBe(true);
      expect(straightened(once)).toEqual(once);
    }),
  );
});
