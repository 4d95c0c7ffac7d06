import { existsSync, readFileSync } from 'node:fs';

const TEST = /`((?:test|src)\/[^`]+?\.spec\.ts) › ([^`]+)`/g;

/** Titles stand as they are written, in one kind of quotes or another. */
const isTest = (file: string, title: string): boolean => {
  if (!existsSync(file)) return false;
  const source = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote},`));
};

it('docs/security.md names tests that there are, and some in each row', () => {
  const rows = readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!(?:risk|case) )/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  const wrong = rows.flatMap((row) => {
    const tests = [...row.matchAll(TEST)];
    if (tests.length === 0) return [`no test: ${row.slice(0, 60)}`];
    return tests.filter(([, file, title]) => !isTest(file!, title!)).map(([name]) => name);
  });
  expect(wrong).toEqual([]);
});
