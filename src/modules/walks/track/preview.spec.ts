import polyline from '@googlemaps/polyline-codec';
import fc from 'fast-check';
import { moved, SEOUL_FOREST, streetWalk } from '../../../../test/builders/tracks.js';
import { deriveTrack } from './derive.js';
import { planeAt, type Segment } from './point.js';
import { distanceToStepM, encodePreview } from './preview.js';

const START_MS = Date.parse('2026-03-02T00:00:00Z');
const decode = (encoded: string[]) =>
  encoded.flatMap((line) => polyline.decode(line, 5).map(([lat, lng]) => ({ lat, lng })));

describe('encodePreview', () => {
  it('of nothing is empty', () => {
    expect(encodePreview([])).toEqual([]);
  });

  it('has at most so many points and keeps both ends', () => {
    const { segments } = deriveTrack(streetWalk({ startMs: START_MS, km: 5, noiseM: 4 }));
    const all = segments.flat();
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 120 }), (maxPoints) => {
        const points = decode(encodePreview(segments, maxPoints));
        expect(points.length).toBeLessThanOrEqual(maxPoints);
        expect(points[0]!.lat).toBeCloseTo(all[0]!.lat, 4);
        expect(points.at(-1)!.lng).toBeCloseTo(all.at(-1)!.lng, 4);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('keeps the shape: no point of a walk of 5 km is 15 m off', () => {
    const { segments } = deriveTrack(streetWalk({ startMs: START_MS, km: 5, noiseM: 4 }));
    const plane = planeAt(SEOUL_FOREST);
    const line = decode(encodePreview(segments)).map((p) => plane.toXY(p));
    expect(line.length).toBeLessThanOrEqual(100);
    for (const p of segments.flat()) {
      const off = line.slice(1).map((b, i) => distanceToStepM(plane.toXY(p), line[i]!, b));
      expect(Math.min(...off)).toBeLessThan(15);
    }
  });

  it('a straight line needs two points, and many segments stay within the limit', () => {
    const line: Segment = [0, 50, 100, 150].map((m, i) => ({ tMs: i, ...moved(SEOUL_FOREST, 45, m) }));
    expect(decode(encodePreview([line]))).toHaveLength(2);
    const many = Array.from({ length: 300 }, (_, i) => [
      moved(SEOUL_FOREST, i * 7, i * 9),
      moved(SEOUL_FOREST, i * 7, i * 9 + 5),
    ]);
    const segments = many.map((s) => s.map((p, i) => ({ tMs: i, ...p })));
    expect(decode(encodePreview(segments)).length).toBeLessThanOrEqual(100);
  });
});
