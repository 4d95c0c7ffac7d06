import fc from 'fast-check';
import { amountOf, forecastOf, type Item, nowcastOf, numberOf } from './kma-readings-rules.js';

const BASE = new Date('2026-11-20T05:00:00Z');
const seen = (category: string, obsrValue: unknown): Item => ({ category, obsrValue });
const told = (category: string, fcstValue: unknown, fcstTime = '1500', fcstDate = '20261120'): Item => ({
  ...{ category, fcstDate, fcstTime, fcstValue },
});
const hourWith = (...items: Item[]) => forecastOf(items, BASE)!.hours[0]!;

it.each<[unknown, number | null]>([
  ['강수없음', 0],
  ['적설없음', 0],
  ['1mm 미만', 0.5],
  ['1.0mm 미만', 0.5],
  ['0.5cm 미만', 0.25],
  ['1.0mm', 1],
  ['29.9mm', 29.9],
  ['30.0~50.0mm', 40],
  ['30~50mm', 40],
  ['50.0mm 이상', 50],
  ['5.0cm 이상', 5],
  ['0', 0],
  ['2.5', 2.5],
  [2.5, 2.5],
  ['-', null],
  ['', null],
  [null, null],
  [undefined, null],
  ['비 조금', null],
  ['-998.9', null],
  ['-1', null],
  ['999', null],
])('W01 %j fell: %p', (text, amount) => {
  expect(amountOf(text)).toBe(amount);
});

it.each<[unknown, number | null]>([
  ['899.9', 899.9],
  ['900', null],
  ['-899.9', -899.9],
  ['-900', null],
  ['-998', null],
  ['14', 14],
  ['-0.3', -0.3],
  [14, 14],
  ['', null],
  [' ', null],
  ['1e2', null],
  [null, null],
  [{}, null],
  [NaN, null],
])('W01 %j is the number %p', (text, number) => {
  expect(numberOf(text)).toBe(number);
});

it('reads a nowcast', () => {
  const items = [
    ...[seen('T1H', '14.2'), seen('REH', '55'), seen('WSD', '3.1'), seen('VEC', '270')],
    ...[seen('PTY', '5'), seen('RN1', '0.5'), seen('UUU', '1'), seen('NEW', 'what is this')],
  ];
  expect(nowcastOf(items, BASE)).toEqual({
    baseAt: '2026-11-20T05:00:00.000Z',
    temperatureC: 14.2,
    humidityPct: 55,
    windMps: 3.1,
    windDirectionDeg: 270,
    precipitation: 'drizzle',
    rainMm: 0.5,
  });
});

it('W01 what is missing in a nowcast is null, and nothing at all is none', () => {
  expect(nowcastOf([seen('T1H', '-998.9'), seen('REH', '60'), seen('WSD', '-1')], BASE)).toMatchObject({
    temperatureC: null,
    humidityPct: 60,
    windMps: null,
    precipitation: null,
  });
  expect(nowcastOf([], BASE)).toBeNull();
  expect(nowcastOf([seen('T1H', '-999')], BASE)).toBeNull();
});

it.each([
  ['0', 'none'],
  ['1', 'rain'],
  ['2', 'rain_snow'],
  ['3', 'snow'],
  ['4', 'shower'],
  ['5', 'drizzle'],
  ['6', 'drizzle_snow'],
  ['7', 'snow_flurry'],
  [1, 'rain'],
  ['1.0', 'rain'],
  ['8', null],
  ['-1', null],
  ['', null],
  ['constructor', null],
])('PTY %j is %p', (code, precipitation) => {
  expect(hourWith(told('PTY', code)).precipitation).toBe(precipitation);
});

it.each([
  ['1', 'clear'],
  ['2', null],
  ['3', 'mostly_cloudy'],
  ['4', 'overcast'],
  ['9', null],
])('SKY %j is %p', (code, sky) => {
  expect(hourWith(told('SKY', code)).sky).toBe(sky);
});

it('puts a forecast together by hours, in order, over midnight', () => {
  const forecast = forecastOf(
    [
      ...[told('TMP', '3', '0000', '20261121'), told('TMN', '-1.0', '0600', '20261121')],
      ...[told('TMP', '14'), told('PCP', '1mm 미만'), told('SNO', '적설없음'), told('POP', '60')],
      ...[told('REH', '70'), told('WSD', '2.2'), told('SKY', '4'), told('PTY', '1')],
      told('TMX', '15.0', '1500'),
    ],
    BASE,
  )!;
  expect(forecast.hours.map(({ at }) => at)).toEqual([
    '2026-11-20T06:00:00.000Z',
    '2026-11-20T15:00:00.000Z',
    '2026-11-20T21:00:00.000Z',
  ]);
  expect(forecast.hours[0]).toEqual({
    at: '2026-11-20T06:00:00.000Z',
    ...{ temperatureC: 14, humidityPct: 70, windMps: 2.2, precipitation: 'rain', rainMm: 0.5 },
    ...{ sky: 'overcast', snowCm: 0, rainPct: 60, lightning: null },
  });
  expect(forecast.days).toEqual([
    { date: '2026-11-20', minC: null, maxC: 15 },
    { date: '2026-11-21', minC: -1, maxC: null },
  ]);
});

it('reads lightning of the ultra-short forecast', () => {
  expect(hourWith(told('LGT', '0')).lightning).toBe(false);
  expect(hourWith(told('LGT', '2')).lightning).toBe(true);
  expect(hourWith(told('LGT', '-999')).lightning).toBeNull();
});

it('leaves out what has no time', () => {
  expect(forecastOf([told('TMP', '1', '2400'), told('TMP', '1', '1500', '20261340'), {}], BASE)).toBeNull();
  expect(forecastOf([], BASE)).toBeNull();
});

it('makes numbers or null of anything', () => {
  const item = fc.record({
    category: fc.oneof(fc.constantFrom('T1H', 'TMP', 'PTY', 'PCP', 'SKY', 'REH'), fc.jsonValue()),
    fcstDate: fc.oneof(fc.constant('20261120'), fc.jsonValue()),
    fcstTime: fc.oneof(fc.constant('1500'), fc.jsonValue()),
    fcstValue: fc.jsonValue(),
    obsrValue: fc.jsonValue(),
  });
  fc.assert(
    fc.property(fc.array(item), (items) => {
      nowcastOf(items, BASE);
      for (const hour of forecastOf(items, BASE)?.hours ?? [])
        expect(hour.temperatureC === null || Math.abs(hour.temperatureC) < 900).toBe(true);
    }),
  );
});
