import fc from 'fast-check';
import { centreOf, hasWeather, type LatLng, MAX_NX, MAX_NY, toGrid } from './grid-rules.js';

/** PROVIDERS.md §7.1: what KMA's table (edition 260701) and the formula both say. */
const PAIRS: [name: string, lat: number, lng: number, nx: number, ny: number][] = [
  ['서울', 37.5635694, 126.9800083, 60, 127],
  ['부산', 35.1770194, 129.0769528, 98, 76],
  ['대구', 35.8685417, 128.6035528, 89, 90],
  ['인천', 37.4532333, 126.7073528, 55, 124],
  ['광주', 35.156975, 126.8533639, 58, 74],
  ['대전', 36.3471194, 127.3865667, 67, 100],
  ['울산', 35.5354083, 129.3136889, 102, 84],
  ['세종', 36.4800121, 127.2890691, 66, 103],
  ['가회동', 37.5772528, 126.9869111, 60, 127],
  ['파장동', 37.3055833, 126.9968861, 60, 121],
  ['수원', 37.2718444, 127.0116889, 60, 120],
  ['춘천', 37.8826917, 127.731975, 73, 134],
  ['충북', 36.6325, 127.4935861, 69, 107],
  ['전북', 35.817275, 127.1110528, 63, 89],
  ['전남', 34.8130444, 126.465, 51, 67],
  ['경남', 35.2347361, 128.6941667, 91, 77],
  ['제주', 33.4856944, 126.5003333, 52, 38],
  ['제주시청', 33.4996213, 126.5311884, 53, 38],
  ['신설동', 37.573966, 127.0257363, 61, 127],
];
const EARTH_RADIUS_M = 6_371_008;
/** A cell is 5 km on the map, and at most 5.2 km on the ground (the cone cuts the earth at 30° and 60°). */
const HALF_DIAGONAL_M = (5_200 / 2) * Math.SQRT2;

const inKorea = fc.record({
  lat: fc.double({ min: 33, max: 39, noNaN: true }),
  lng: fc.double({ min: 124, max: 132, noNaN: true }),
});

function distanceM(a: LatLng, b: LatLng): number {
  const rad = Math.PI / 180;
  const half =
    Math.sin(((a.lat - b.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((a.lng - b.lng) * rad) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(half));
}

it.each(PAIRS)('W03 %s (%d, %d) is in cell %d, %d', (_name, lat, lng, nx, ny) => {
  expect(toGrid({ lat, lng })).toEqual({ nx, ny });
});

it('knows the middle of a cell', () => {
  const { lat, lng } = centreOf({ nx: 60, ny: 127 });
  expect(lat).toBeCloseTo(37.579871, 5);
  expect(lng).toBeCloseTo(126.989352, 5);
});

it('leads back from the middle of every cell', () => {
  for (let nx = 1; nx <= MAX_NX; nx++)
    for (let ny = 1; ny <= MAX_NY; ny++) expect(toGrid(centreOf({ nx, ny }))).toEqual({ nx, ny });
});

it('errs by less than a cell anywhere in Korea', () => {
  fc.assert(
    fc.property(inKorea, (point) => {
      expect(distanceM(point, centreOf(toGrid(point)))).toBeLessThan(HALF_DIAGONAL_M);
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['Seoul', 37.5665, 126.978],
  ['마라도', 33.117, 126.269],
  ['독도', 37.2414, 131.8645],
  ['백령도', 37.954, 124.67],
  ['울릉도', 37.484, 130.905],
  ['가거도', 34.07, 125.12],
  ['거제', 34.74, 128.66],
  ['고성, by the border', 38.58, 128.38],
  ['the sea off Busan', 35.05, 129.3],
])('W03 serves %s', (_name, lat, lng) => {
  expect(hasWeather({ lat, lng })).toBe(true);
});

it.each([
  ['Fukuoka', 33.59, 130.4],
  ['Tsushima', 34.65, 129.35],
  ['Tokyo', 35.68, 139.69],
  ['Shanghai', 31.23, 121.47],
  ['Pyongyang', 39.03, 125.75],
  ['nowhere', 0, 0],
  ['the north pole', 90, 0],
  ['the south pole', -90, 180],
  ['lng and lat swapped', 126.978 - 90, 37.5665],
])('W03 does not serve %s', (_name, lat, lng) => {
  expect(hasWeather({ lat, lng })).toBe(false);
});

it('W03 whatever it serves has a cell of KMA', () => {
  fc.assert(
    fc.property(inKorea, (point) => {
      fc.pre(hasWeather(point));
      const { nx, ny } = toGrid(point);
      expect(nx >= 1 && nx <= MAX_NX && ny >= 1 && ny <= MAX_NY).toBe(true);
    }),
  );
});
