import { existsSync, readFileSync } from 'node:fs';

const TEST = /`((?:test|src)\/[^`]+?\.spec\.ts) › ([^`]+)`/g;

/** Titles as they are written, in either kind of quotes. */
const titlesIn = (source: string): Set<string> =>
  new Set([...source.matchAll(/(['`"])((?:\\.|(?!\1).)+)\1\s*,/gs)].map(([, , title]) => title!));

it('docs/security.md names tests that there are, and some in each row', () => {
  const rows = readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.includes('| tests |'));
  expect(rows.length).toBeGreaterThan(20);
  const wrong = rows.flatMap((row) => {
    const tests = [...row.matchAll(TEST)];
    if (tests.length === 0) return [`no test: ${row.slice(0, 60)}`];
    return tests
      .filter(([, file, title]) => !existsSync(file!) || !titlesIn(readFileSync(file!, 'utf8')).has(title!))
      .map(([name]) => name);
  });
  expect(wrong).toEqual([]);
});
