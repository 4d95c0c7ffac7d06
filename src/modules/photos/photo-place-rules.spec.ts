import { fixTimeOf } from './photo-place-rules.js';

const START = Date.parse('2026-11-20T01:00:00Z');
const at = (minutes: number) => START + minutes * 60_000;
/** North along a meridian: a fix a minute, 111 m apart. */
const fixes = [0, 1, 2, 3, 4].map((i) => ({ tMs: at(i), lat: 37.5 + i * 0.001, lng: 127 }));
const walk = { startedAtMs: START, fixes };
const NOW = at(60);

it('goes by the position first: the nearest fix within 100 m', () => {
  const position = { lat: 37.5021, lng: 127.0005 };
  expect(fixTimeOf({ position, atMs: at(4) }, walk, NOW)).toBe(at(2));
});

it('goes by the time when the position is elsewhere or unknown', () => {
  expect(fixTimeOf({ position: { lat: 37.5021, lng: 127.002 }, atMs: at(3.4) }, walk, NOW)).toBe(at(3));
  expect(fixTimeOf({ position: null, atMs: at(3.6) }, walk, NOW)).toBe(at(4));
});

it('has no place when it was taken before, after or elsewhere', () => {
  for (const atMs of [at(-0.1), at(4.1), null]) {
    expect(fixTimeOf({ position: null, atMs }, walk, NOW)).toBeNull();
    expect(fixTimeOf({ position: { lat: 33.5, lng: 126.5 }, atMs }, walk, NOW)).toBeNull();
  }
});

it('while a walk is recorded has its time alone', () => {
  const recorded = { startedAtMs: START, fixes: [] };
  expect(fixTimeOf({ position: { lat: 37.5, lng: 127 }, atMs: at(5) }, recorded, NOW)).toBe(at(5));
  for (const atMs of [at(-1), at(61), null])
    expect(fixTimeOf({ position: { lat: 37.5, lng: 127 }, atMs }, recorded, NOW)).toBeNull();
});
