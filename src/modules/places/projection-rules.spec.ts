import proj4 from 'proj4';
import { EPSG_5174, spotOf5174 } from './projection-rules.js';
import { distanceBetweenM } from '../walks/index.js';

const EPSG_5179 =
  '+proj=tmerc +lat_0=38 +lon_0=127.5 +k=0.9996 +x_0=1000000 +y_0=2000000 +ellps=GRS80 +units=m';
const EPSG_5181 = '+proj=tmerc +lat_0=38 +lon_0=127 +k=1 +x_0=200000 +y_0=500000 +ellps=GRS80 +units=m';
const EPSG_5186 = '+proj=tmerc +lat_0=38 +lon_0=127 +k=1 +x_0=200000 +y_0=600000 +ellps=GRS80 +units=m';

/** Landmarks by their published WGS84 coordinates. */
const LANDMARKS = {
  서울시청: { lat: 37.5665, lng: 126.978 },
  부산역: { lat: 35.1152, lng: 129.0415 },
  제주시청: { lat: 33.4996, lng: 126.5312 },
  독도: { lat: 37.2411, lng: 131.8646 },
  백령도: { lat: 37.9735, lng: 124.7176 },
} as const;
const names = Object.keys(LANDMARKS) as (keyof typeof LANDMARKS)[];
const projected = (definition: string, { lat, lng }: { lat: number; lng: number }) =>
  proj4('+proj=longlat +datum=WGS84 +no_defs', definition).forward<[number, number]>([lng, lat]);

it('W04 turns the numbers of PROVIDERS.md §8 into the Seoul City Hall', () => {
  const spot = spotOf5174(197_986.73, 451_579.89)!;
  expect(distanceBetweenM(spot, LANDMARKS['서울시청'])).toBeLessThan(0.1);
});

it.each([
  [EPSG_5174, 197_986.73, 451_579.89],
  [EPSG_5181, 198_056.37, 451_885.03],
  [EPSG_5186, 198_056.37, 551_885.03],
])('W04 agrees with the vectors of PROVIDERS.md §8: %s', (definition, x, y) => {
  const [east, north] = projected(definition, LANDMARKS['서울시청']);
  expect([Math.abs(east - x), Math.abs(north - y)].every((difference) => difference < 0.02)).toBe(true);
});

it.each(names)('W04 brings %s back to within a metre', (name) => {
  const spot = spotOf5174(...projected(EPSG_5174, LANDMARKS[name]))!;
  expect(distanceBetweenM(spot, LANDMARKS[name])).toBeLessThan(1);
});

it.each(names)('W04 would put %s hundreds of metres off, if its numbers were taken for EPSG:5181', (name) => {
  const [x, y] = projected(EPSG_5174, LANDMARKS[name]);
  const [lng, lat] = proj4(EPSG_5181, '+proj=longlat +datum=WGS84 +no_defs').forward<[number, number]>([
    x,
    y,
  ]);
  expect(distanceBetweenM({ lat, lng }, LANDMARKS[name])).toBeGreaterThan(250);
});

it.each(names)('W04 refuses %s in the numbers of EPSG:5179 and in degrees', (name) => {
  expect(spotOf5174(...projected(EPSG_5179, LANDMARKS[name]))).toBeNull();
  expect(spotOf5174(LANDMARKS[name].lng, LANDMARKS[name].lat)).toBeNull();
});

it('refuses what is no number, and what is in no projection', () => {
  expect(spotOf5174(NaN, 451_579)).toBeNull();
  expect(spotOf5174(Infinity, 451_579)).toBeNull();
  expect(spotOf5174(-9e9, 9e9)).toBeNull();
  expect(spotOf5174(0, 0)).toBeNull();
});
