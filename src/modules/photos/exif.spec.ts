import fc from 'fast-check';
import { type ExifFacts, exifOf as inJpeg, floodedTiff, tiff } from '../../../test/builders/pictures.js';
import { takenBy } from './exif.js';

const exifOf = (facts: ExifFacts) => inJpeg(tiff(facts));
const NOTHING = { position: null, atMs: null };

it('reads where, on all sides of the world', () => {
  for (const [lat, lng] of [
    [37.5665, 126.978],
    [-33.8568, 151.2153],
    [-22.9519, -43.2105],
    [64.1466, -21.9426],
  ] as const) {
    const { position } = takenBy(exifOf({ lat, lng }));
    expect(position!.lat).toBeCloseTo(lat, 6);
    expect(position!.lng).toBeCloseTo(lng, 6);
  }
});

it('reads both byte orders, also without the word that JPEG puts before', () => {
  const facts = { lat: -33.8568, lng: 151.2153, takenAt: '2026:11:20 10:30:00', offset: '+11:00' };
  const little = takenBy(exifOf(facts));
  expect([little.position!.lat.toFixed(4), little.atMs]).toEqual([
    '-33.8568',
    Date.parse('2026-11-19T23:30:00Z'),
  ]);
  expect(takenBy(exifOf({ ...facts, isBigEndian: true }))).toEqual(little);
  expect(takenBy(tiff({ ...facts, isBigEndian: true }))).toEqual(little);
});

it('D5 does not unfold thousands of entries that lie over each other', () => {
  const flooded = inJpeg(floodedTiff());
  expect(flooded.length).toBeGreaterThan(60_000);
  const [startedMs, before] = [performance.now(), process.memoryUsage()];
  for (let i = 0; i < 100; i++) expect(takenBy(flooded)).toEqual(NOTHING);
  expect(performance.now() - startedMs).toBeLessThan(500);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(10_000_000);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(50_000_000);
});

it('takes the camera’s clock for Korean, unless the photo says otherwise', () => {
  const takenAt = '2026:11:20 10:30:00';
  expect(takenBy(exifOf({ takenAt })).atMs).toBe(Date.parse('2026-11-20T01:30:00Z'));
  expect(takenBy(exifOf({ takenAt, offset: '+00:00' })).atMs).toBe(Date.parse('2026-11-20T10:30:00Z'));
  expect(takenBy(exifOf({ takenAt, offset: '-03:30' })).atMs).toBe(Date.parse('2026-11-20T14:00:00Z'));
  expect(takenBy(exifOf({ takenAt, offset: '   :  ' })).atMs).toBe(Date.parse('2026-11-20T01:30:00Z'));
});

it('does not believe a place at 0, 0 or beyond the poles, nor a time that is none', () => {
  expect(takenBy(exifOf({ lat: 0, lng: 0 }))).toEqual(NOTHING);
  expect(takenBy(exifOf({ lat: 137, lng: 127 }))).toEqual(NOTHING);
  expect(takenBy(exifOf({ takenAt: '0000:00:00 00:00:00' })).position).toBeNull();
  expect(takenBy(exifOf({ takenAt: '    :  :     :  :  ' }))).toEqual(NOTHING);
});

it('has nothing from a photo without metadata, with too much, or with broken ones', () => {
  expect(takenBy(undefined)).toEqual(NOTHING);
  expect(takenBy(Buffer.concat([exifOf({ lat: 1, lng: 2 }), Buffer.alloc(64 * 1024)]))).toEqual(NOTHING);
  const whole = exifOf({ lat: 37.5, lng: 127, takenAt: '2026:11:20 10:30:00', orientation: 6 });
  for (let length = 0; length < whole.length; length++) takenBy(whole.subarray(0, length));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
      const broken = Buffer.from(whole);
      for (const [i, byte] of changes) broken[i] = byte;
      const { position, atMs } = takenBy(broken);
      if (position) {
        expect(Math.abs(position.lat)).toBeLessThanOrEqual(90);
        expect(Math.abs(position.lng)).toBeLessThanOrEqual(180);
      }
      expect(atMs === null || Number.isFinite(atMs)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
