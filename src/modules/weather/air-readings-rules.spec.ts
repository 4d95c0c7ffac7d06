import fc from 'fast-check';
import {
  gradeOf,
  measuredAtOf,
  nearestValue,
  type NearbyReading,
  readingOf,
  stationOf,
  valueAround,
} from './air-readings-rules.js';

const NOW = new Date('2026-11-01T05:20:00Z');
const ROW = {
  ...{ sidoName: '서울', stationName: '마포구', dataTime: '2026-11-01 14:00' },
  ...{ pm10Value: '37', pm10Flag: null, pm25Value: '18', pm25Flag: null },
};

const near = (name: string, distanceM: number, more: Partial<NearbyReading> = {}): NearbyReading => ({
  ...{ name, distanceM, measuredAt: new Date('2026-11-01T05:00:00Z'), pm10: 37, pm25: 18, ...more },
});
const agoMs = (ms: number) => ({ measuredAt: new Date(NOW.getTime() - ms) });
const HOUR_MS = 3_600_000;

it('reads a row', () => {
  const reading = {
    name: '마포구',
    measuredAt: new Date('2026-11-01T05:00:00Z'),
    ...{ pm10: 37, pm25: 18 },
  };
  expect(readingOf(ROW)).toEqual(reading);
  for (const sidoName of ['전남광주', '광주', '전남', undefined])
    expect(readingOf({ ...ROW, sidoName })).toEqual(reading);
});

it.each([
  [{ pm25Value: '-' }, null],
  [{ pm25Value: '' }, null],
  [{ pm25Value: null }, null],
  [{ pm25Value: '-', pm25Flag: '점검및교정' }, null],
  [{ pm25Value: '18', pm25Flag: '자료이상' }, null],
  [{ pm25Value: '18', pm25Flag: '통신장애' }, null],
  [{ pm25Value: '18', pm25Flag: '' }, 18],
  [{ pm25Value: '0' }, 0],
  [{ pm25Value: 18 }, 18],
  [{ pm25Value: '-999' }, null],
  [{ pm25Value: '99999' }, null],
])('W01 %j is %p, never 0 for what is missing', (change, value) => {
  expect(readingOf({ ...ROW, ...change })).toMatchObject({ pm10: 37, pm25: value });
});

it.each([
  ['2026-11-01 14:00', '2026-11-01T05:00:00.000Z'],
  ['2026-11-01 24:00', '2026-11-01T15:00:00.000Z'],
  ['2026-12-31 24:00', '2026-12-31T15:00:00.000Z'],
  ['2026-11-01 00:00', '2026-10-31T15:00:00.000Z'],
  ['2026-11-01 24:30', undefined],
  ['2026-13-01 10:00', undefined],
  ['2026-11-01', undefined],
  ['', undefined],
  [null, undefined],
  ['-', undefined],
])('W01 %j was measured at %p', (dataTime, at) => {
  expect(measuredAtOf(dataTime)?.toISOString()).toBe(at);
});

it.each([
  ['마포구', '37.5556', '126.9056', { lat: 37.5556, lng: 126.9056 }],
  ['swapped', '126.9056', '37.5556', { lat: 37.5556, lng: 126.9056 }],
  ['numbers', 37.5, 127, { lat: 37.5, lng: 127 }],
  ['', '37.5', '127', null],
  ['nowhere', '', '', null],
  ['nowhere', '-', '127', null],
  ['nowhere', '0', '0', null],
  ['abroad', '35.6', '139.7', null],
])('%s at %j, %j', (stationName, dmX, dmY, place) => {
  expect(stationOf({ stationName, dmX, dmY })).toEqual(place && { name: stationName, ...place });
});

it.each([
  ['pm10', 0, 'good'],
  ['pm10', 30, 'good'],
  ['pm10', 31, 'normal'],
  ['pm10', 80, 'normal'],
  ['pm10', 81, 'bad'],
  ['pm10', 150, 'bad'],
  ['pm10', 151, 'very_bad'],
  ['pm25', 15, 'good'],
  ['pm25', 16, 'normal'],
  ['pm25', 35, 'normal'],
  ['pm25', 36, 'bad'],
  ['pm25', 75, 'bad'],
  ['pm25', 76, 'very_bad'],
] as const)('%s of %d is %s', (pollutant, value, grade) => {
  expect(gradeOf(pollutant, value)).toBe(grade);
});

describe('W01 the nearest working station', () => {
  const nameOf = (nearby: NearbyReading[], of: 'pm10' | 'pm25' = 'pm10') =>
    nearestValue(nearby, of, NOW)?.station;

  it('is the nearest one', () => {
    expect(nearestValue([near('마포구', 1_200.4), near('중구', 3_000)], 'pm25', NOW)).toEqual({
      ...{ valueUgm3: 18, grade: 'normal', station: '마포구', distanceM: 1_200, isStale: false },
      measuredAt: new Date('2026-11-01T05:00:00Z'),
    });
  });

  it('is the next one for what the nearest did not measure', () => {
    const nearby = [near('마포구', 1_000, { pm25: null }), near('중구', 3_000)];
    expect([nameOf(nearby, 'pm10'), nameOf(nearby, 'pm25')]).toEqual(['마포구', '중구']);
  });

  it('is the next one when the nearest has been silent for more than 3 h', () => {
    expect(nameOf([near('마포구', 1_000, agoMs(3 * HOUR_MS)), near('중구', 3_000)])).toBe('마포구');
    expect(nameOf([near('마포구', 1_000, agoMs(3 * HOUR_MS + 1)), near('중구', 3_000)])).toBe('중구');
  });

  it('is the nearest with its age when all are silent, for a day', () => {
    const old = [near('마포구', 1_000, agoMs(5 * HOUR_MS)), near('중구', 3_000, agoMs(4 * HOUR_MS))];
    expect(nearestValue(old, 'pm10', NOW)).toMatchObject({ station: '마포구', isStale: true });
    expect(nameOf([near('마포구', 1_000, agoMs(24 * HOUR_MS))])).toBe('마포구');
    expect(nameOf([near('마포구', 1_000, agoMs(24 * HOUR_MS + 1))])).toBeUndefined();
  });

  it('W03 is none beyond 100 km, as at sea', () => {
    expect(nameOf([near('울릉', 100_000)])).toBe('울릉');
    expect(nameOf([near('울릉', 100_001)])).toBeUndefined();
    expect(nameOf([])).toBeUndefined();
  });
});

it('finds what was measured around the start of a walk, to the hour', () => {
  const of = (ms: number) =>
    valueAround([near('마포구', 1_000, agoMs(ms)), near('중구', 2_000, { pm10: 50 })], 'pm10', NOW);
  expect([of(HOUR_MS), of(-HOUR_MS), of(HOUR_MS + 1)]).toEqual([37, 37, 50]);
  expect(valueAround([near('울릉', 100_001)], 'pm10', NOW)).toBeNull();
  expect(valueAround([], 'pm25', NOW)).toBeNull();
});

it('makes a reading or null of anything', () => {
  const row = fc.dictionary(
    fc.constantFrom('stationName', 'dataTime', 'pm10Value', 'pm10Flag', 'pm25Value', 'dmX', 'dmY'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(row, (given) => {
      const { pm10 = null } = readingOf(given) ?? {};
      expect(pm10 === null || pm10 >= 0).toBe(true);
      stationOf(given);
    }),
  );
});
