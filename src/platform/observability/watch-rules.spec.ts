import { type HttpSample, MIN_REQUESTS, trafficBetween } from './watch-rules.js';

const NONE: HttpSample = { count: 0, failed: 0, within: [] };
/** `counts`: how many answers took up to 0.1, 0.5 and 1 s. */
const sample = (count: number, failed: number, counts: number[]): HttpSample => ({
  count,
  failed,
  within: [0.1, 0.5, 1].map((seconds, i) => [seconds, counts[i]!]),
});

it('says nothing of little traffic', () => {
  const few = MIN_REQUESTS - 1;
  expect(trafficBetween(NONE, sample(few, few, [few, few, few]))).toBeNull();
  expect(trafficBetween(sample(50, 0, [0, 0, 0]), sample(50 + few, 0, [0, 0, 0]))).toBeNull();
});

it('takes only what came since the first look', () => {
  const before = sample(1_000, 500, [0, 0, 1_000]);
  const after = sample(1_200, 510, [200, 200, 1_200]);
  expect(trafficBetween(before, after)).toEqual({ count: 200, errorShare: 0.05, p95S: 0.095 });
});

it('finds the 95th percentile between two bounds, or above the last', () => {
  expect(trafficBetween(NONE, sample(100, 0, [90, 100, 100]))!.p95S).toBeCloseTo(0.3);
  expect(trafficBetween(NONE, sample(100, 0, [50, 94, 96]))!.p95S).toBeCloseTo(0.75);
  expect(trafficBetween(NONE, sample(100, 0, [50, 60, 94]))!.p95S).toBe(Infinity);
});
