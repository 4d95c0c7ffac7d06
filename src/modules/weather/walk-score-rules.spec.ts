import fc from 'fast-check';
import type { Conditions } from './conditions-rules.js';
import { conditionsAhead, conditionsNow, type Sources } from './conditions-rules.js';
import type { ForecastHour, Nowcast, Precipitation } from './kma-readings-rules.js';
import { type Dog, isBrachycephalic, needsOf } from './pet-needs-rules.js';
import { bestHour, levelOf, pointsAt, scoreOf } from './walk-score-rules.js';
import {
  ASPHALT,
  type Bands,
  COLD_BELOW_ZERO,
  FALLING,
  HEAT,
  NEEDS,
  type NeedCode,
  RAIN_MM,
  RAIN_PCT,
  SNOW_CM,
  WIND_MPS,
} from './walk-score-table.js';

const SEOUL = { lat: 37.57, lng: 126.98 };
const kst = (text: string) => new Date(`${text}+09:00`);
/** A fine autumn night: no sun on the asphalt. */
const FINE: Conditions = {
  ...{ at: kst('2026-11-20T21:00:00'), place: SEOUL, temperatureC: 18, humidityPct: 50, windMps: 1 },
  ...{ precipitation: 'none', rainMm: 0, snowCm: 0, rainPct: 0, sky: 'clear', lightning: false },
  ...{ pm10: 20, pm25: 10 },
};
const at = (change: Partial<Conditions>, needs: NeedCode[] = []) => scoreOf({ ...FINE, ...change }, needs);
const codes = (change: Partial<Conditions>, needs: NeedCode[] = []) =>
  at(change, needs).reasons.map(({ code, points }) => `${code} ${points}`);

it('is 100 in fine weather, and says so', () => {
  expect(at({})).toEqual({
    ...{ score: 100, level: 'good', asphaltC: 18 },
    feelsLikeC: expect.closeTo(18, 0),
    reasons: [{ code: 'fine', points: 0, text: '산책하기 좋은 날씨예요.' }],
  });
});

it.each([
  [100, 'good'],
  [80, 'good'],
  [79, 'fair'],
  [60, 'fair'],
  [59, 'caution'],
  [35, 'caution'],
  [34, 'bad'],
  [0, 'bad'],
])('a score of %d is %s', (score, level) => {
  expect(levelOf(score)).toBe(level);
});

describe.each<[string, Bands]>(
  Object.entries({ HEAT, COLD_BELOW_ZERO, ASPHALT, RAIN_MM, SNOW_CM, RAIN_PCT, WIND_MPS }),
)('the bands of %s', (_name, bands) => {
  it('begin exactly where they say, and only grow', () => {
    let before = 0;
    for (const [from, points] of bands) {
      expect([pointsAt(bands, from - 1e-9), pointsAt(bands, from)]).toEqual([before, points]);
      expect(points).toBeGreaterThan(before);
      before = points;
    }
  });
});

it.each<[Partial<Conditions>, string[]]>([
  [{ windMps: 7.9 }, ['fine 0']],
  [{ windMps: 8 }, ['wind 8']],
  [{ windMps: 14 }, ['wind 45']],
  [{ pm10: 30, pm25: 15 }, ['fine 0']],
  [{ pm10: 31 }, ['air 5']],
  [{ pm10: 80, pm25: 35 }, ['air 5']],
  [{ pm10: 81 }, ['air 30']],
  [{ pm25: 36 }, ['air 30']],
  [{ pm10: 151 }, ['air 60']],
  [{ pm10: 81, pm25: 76 }, ['air 60']],
  [{ precipitation: 'drizzle' }, ['rain 10']],
  [{ precipitation: 'rain', rainMm: 2.9 }, ['rain 20']],
  [{ precipitation: 'rain', rainMm: 3 }, ['rain 35']],
  [{ precipitation: 'rain', rainMm: 30 }, ['rain 80']],
  [{ precipitation: 'snow', temperatureC: 5 }, ['snow 15']],
  [{ precipitation: 'snow', temperatureC: 5, snowCm: 1 }, ['snow 30']],
  [{ precipitation: 'snow_flurry', temperatureC: 5 }, ['snow 5']],
  [{ rainPct: 59 }, ['fine 0']],
  [{ rainPct: 60 }, ['rain-likely 8']],
  [{ rainPct: 90, precipitation: 'rain' }, ['rain 20']],
  [{ lightning: true }, ['lightning 90']],
  [{ temperatureC: 24.9, humidityPct: 40 }, ['fine 0']],
  [{ temperatureC: 4.1, windMps: 1 }, ['fine 0']],
  [{ temperatureC: 4, windMps: 1 }, ['cold 5']],
  [{ temperatureC: 0, windMps: 1 }, ['cold 15']],
  [{ temperatureC: -12, windMps: 1 }, ['cold 60']],
])('%j: %j', (change, reasons) => {
  expect(codes(change)).toEqual(reasons);
});

it('warns of hot asphalt on a summer noon, though the air is bearable', () => {
  const { reasons, asphaltC, score } = at({
    at: kst('2026-06-21T13:00:00'),
    temperatureC: 27,
    humidityPct: 30,
  });
  expect(asphaltC).toBeGreaterThan(50);
  expect(reasons.map(({ code }) => code)).toEqual(['hot-asphalt', 'hot']);
  expect(score).toBeLessThan(at({ at: kst('2026-06-21T21:00:00'), temperatureC: 27, humidityPct: 30 }).score);
});

describe('what is not known', () => {
  it.each<[Partial<Conditions>, string]>([
    [{ temperatureC: null }, 'unknown-temperature'],
    [{ precipitation: null }, 'unknown-precipitation'],
    [{ pm10: null, pm25: null }, 'unknown-air'],
    [{ windMps: null }, 'unknown-wind'],
    [{ lightning: null }, 'unknown-lightning'],
    [{ pm25: null }, 'unknown-air'],
  ])('%j is a reason, and worse than good', (change, code) => {
    expect(at(change).reasons.map((reason) => reason.code)).toContain(code);
    expect(at(change).score).toBeLessThan(100);
  });

  it.each<Partial<Conditions>>([{ temperatureC: null }, { precipitation: null }, { pm10: null, pm25: null }])(
    '%j: no walk is good without it',
    (change) => {
      expect(at(change).level).not.toBe('good');
    },
  );

  it('takes the air for damp when nobody says, and says so', () => {
    expect(at({ temperatureC: 31, humidityPct: null }).score).toBe(
      at({ temperatureC: 31, humidityPct: 80 }).score,
    );
    expect(at({ temperatureC: 31, humidityPct: null }).reasons.map(({ code }) => code)).toContain(
      'unknown-humidity',
    );
  });

  it('of nothing at all, is not fair', () => {
    const nothing = Object.fromEntries(
      Object.keys(FINE).map((key) => [key, key === 'at' || key === 'place' ? FINE[key] : null]),
    ) as unknown as Conditions;
    expect(['caution', 'bad']).toContain(scoreOf(nothing).level);
  });
});

const anyNumber = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { freq: 4 });
const anyConditions: fc.Arbitrary<Conditions> = fc.record({
  at: fc.date({ min: kst('2026-01-01T00:00:00'), max: kst('2027-01-01T00:00:00'), noInvalidDate: true }),
  place: fc.constant(SEOUL),
  temperatureC: orNull(anyNumber(-30, 45)),
  humidityPct: orNull(fc.integer({ min: 0, max: 100 })),
  windMps: orNull(anyNumber(0, 40)),
  precipitation: orNull(fc.constantFrom(...(Object.keys(FALLING) as Precipitation[]))),
  rainMm: orNull(anyNumber(0, 80)),
  snowCm: orNull(anyNumber(0, 20)),
  rainPct: orNull(fc.integer({ min: 0, max: 100 })),
  sky: orNull(fc.constantFrom('clear', 'mostly_cloudy', 'overcast')),
  lightning: orNull(fc.boolean()),
  pm10: orNull(fc.integer({ min: 0, max: 600 })),
  pm25: orNull(fc.integer({ min: 0, max: 300 })),
});
const anyNeeds = fc.subarray(Object.keys(NEEDS) as NeedCode[]);

describe('whatever the weather', () => {
  const never = (worse: (conditions: Conditions, by: number) => Conditions | null) =>
    fc.assert(
      fc.property(anyConditions, anyNeeds, anyNumber(0, 30), (conditions, needs, by) => {
        const after = worse(conditions, by);
        fc.pre(after !== null);
        expect(scoreOf(after, needs).score).toBeLessThanOrEqual(scoreOf(conditions, needs).score);
      }),
      { numRuns: 3_000, seed: 9 },
    );

  it('the score is a whole number of 0 to 100, its level follows, and its reasons explain it', () => {
    fc.assert(
      fc.property(anyConditions, anyNeeds, (conditions, needs) => {
        const { score, level, reasons } = scoreOf(conditions, needs);
        expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
        expect(level).toBe(levelOf(score));
        const sum = reasons.reduce((total, { points }) => total + points, 0);
        expect(score).toBeLessThanOrEqual(Math.max(0, 100 - sum));
        expect(reasons.length).toBeGreaterThan(0);
        expect(reasons.every(({ text }) => /[가-힣]/.test(text) && !/null|undefined|NaN/.test(text))).toBe(
          true,
        );
      }),
    );
  });

  it('hotter is never better from 25 °C on', () =>
    never(({ temperatureC, ...rest }, by) =>
      temperatureC !== null && temperatureC >= 25 ? { ...rest, temperatureC: temperatureC + by } : null,
    ));
  it('colder is never better below 10 °C', () =>
    never(({ temperatureC, ...rest }, by) =>
      temperatureC !== null && temperatureC <= 10 ? { ...rest, temperatureC: temperatureC - by } : null,
    ));
  it('more wind is never better', () =>
    never(({ windMps, ...rest }, by) => (windMps === null ? null : { ...rest, windMps: windMps + by })));
  it('more rain is never better', () =>
    never(({ rainMm, ...rest }, by) => (rainMm === null ? null : { ...rest, rainMm: rainMm + by })));
  it('worse air is never better', () =>
    never(({ pm10, pm25, ...rest }, by) =>
      pm10 === null || pm25 === null
        ? null
        : { ...rest, pm10: pm10 + Math.round(by * 5), pm25: pm25 + Math.round(by) },
    ));
  it('lightning is never better', () => never((conditions) => ({ ...conditions, lightning: true })));
  it('what is unknown is never better than what is good', () => {
    const good = {
      temperatureC: 18,
      precipitation: 'none',
      pm10: 10,
      pm25: 5,
      windMps: 1,
      lightning: false,
    } as const;
    fc.assert(
      fc.property(
        anyConditions,
        fc.constantFrom(...(Object.keys(good) as (keyof typeof good)[])),
        (given, key) => {
          const known = scoreOf({ ...given, [key]: good[key] }).score;
          expect(scoreOf({ ...given, [key]: null }).score).toBeLessThanOrEqual(known);
        },
      ),
      { numRuns: 2_000, seed: 3 },
    );
  });
  it('no need of a dog makes it better', () => {
    fc.assert(
      fc.property(
        anyConditions,
        anyNeeds,
        fc.constantFrom(...(Object.keys(NEEDS) as NeedCode[])),
        (given, needs, one) => {
          expect(scoreOf(given, [...needs, one]).score).toBeLessThanOrEqual(scoreOf(given, needs).score);
        },
      ),
    );
  });
});

describe('for a dog', () => {
  const TODAY = '2026-11-20';
  const dog = (more: Partial<Dog> = {}): Dog => ({
    breed: '진돗개',
    birthDate: '2022-05-01',
    weightKg: 18,
    ...more,
  });
  const needs = (more: Partial<Dog>) => needsOf(dog(more), TODAY);

  it.each<[Partial<Dog>, NeedCode[]]>([
    [{}, []],
    [{ weightKg: 9.99 }, ['pet-small']],
    [{ weightKg: 10 }, []],
    [{ weightKg: 24.99 }, []],
    [{ weightKg: 25 }, ['pet-large']],
    [{ birthDate: '2026-05-21' }, ['pet-puppy']],
    [{ birthDate: '2026-05-20' }, []],
    [{ birthDate: '2017-11-21' }, []],
    [{ birthDate: '2017-11-20' }, ['pet-senior']],
    [{ birthDate: '2019-11-20', weightKg: 30 }, ['pet-senior', 'pet-large']],
    [{ birthDate: '2019-11-21', weightKg: 30 }, ['pet-large']],
    [{ birthDate: '2015-11-21', weightKg: 4 }, ['pet-small']],
    [{ birthDate: '2015-11-20', weightKg: 4 }, ['pet-senior', 'pet-small']],
    [{ breed: '퍼그' }, ['pet-brachycephalic']],
    [{ breed: null }, ['unknown-pet-breed']],
    [{ birthDate: null }, ['unknown-pet-age']],
    [{ weightKg: null }, ['unknown-pet-size']],
  ])('%j needs %j', (more, expected) => {
    expect(needs(more)).toEqual(expected);
  });

  it.each([
    '퍼그',
    'Pug',
    '프렌치 불독',
    '프렌치불도그',
    'French Bulldog',
    '시츄',
    '시 추',
    'Shih-Tzu',
    '페키니즈',
    '보스턴 테리어',
    '카발리에 킹 찰스 스패니얼',
    '믹스 (시츄+푸들)',
  ])('%s has a short nose', (breed) => expect(isBrachycephalic(breed)).toBe(true));
  it.each(['진돗개', '푸들', '말티즈', 'Border Collie', '골든 리트리버', '비숑 프리제', ''])(
    '%s does not',
    (breed) => expect(isBrachycephalic(breed)).toBe(false),
  );

  it('the same evening is worse for a pug than for a retriever, and says why', () => {
    const evening = { temperatureC: 27, humidityPct: 60 };
    const pug = at(evening, needs({ breed: '퍼그' }));
    expect(pug.score).toBeLessThan(at(evening, needs({ breed: '골든 리트리버' })).score);
    expect(pug.reasons.map(({ code }) => code)).toContain('pet-brachycephalic');
  });

  it('says nothing of a need that changes nothing', () => {
    expect(codes({}, ['pet-brachycephalic', 'pet-puppy'])).toEqual(['fine 0']);
    expect(codes({ pm10: 81 }, ['pet-brachycephalic'])).toEqual(['air 30', 'pet-brachycephalic 15']);
    expect(codes({ temperatureC: 6 }, ['pet-small'])).toEqual(['pet-small 5']);
  });
});

describe('the best hour', () => {
  const now = kst('2026-11-20T10:20:00');
  const hour = (ahead: number, change: Partial<Conditions> = {}): Conditions => ({
    ...FINE,
    at: new Date(kst('2026-11-20T10:00:00').getTime() + ahead * 3_600_000),
    ...change,
  });
  const best = (...hours: Conditions[]) => bestHour(hours, now)?.at;

  it('is the one with the best score', () => {
    expect(best(hour(1, { precipitation: 'rain' }), hour(5), hour(6, { windMps: 12 }))).toEqual(hour(5).at);
  });
  it('is the earlier of equal ones', () => {
    expect(best(hour(7), hour(3), hour(9))).toEqual(hour(3).at);
  });
  it('has not passed, and is within a day', () => {
    expect(best(hour(0), hour(1, { precipitation: 'rain' }))).toEqual(hour(1).at);
    expect(best(hour(24, { precipitation: 'rain' }), hour(25))).toEqual(hour(24).at);
  });
  it('is none of unknown temperature, and none of none', () => {
    expect(best(hour(1, { temperatureC: null }))).toBeUndefined();
    expect(best()).toBeUndefined();
  });
});

describe('what is taken for the weather', () => {
  const now = kst('2026-11-20T10:50:00');
  const nowcast = (baseAt: string, temperatureC: number | null): Nowcast => ({
    ...{ baseAt: kst(baseAt).toISOString(), temperatureC, humidityPct: 40, windMps: 2 },
    ...{ windDirectionDeg: 0, precipitation: 'none', rainMm: 0 },
  });
  const told = (text: string, more: Partial<ForecastHour>): ForecastHour => ({
    ...{
      at: kst(text).toISOString(),
      temperatureC: null,
      humidityPct: null,
      windMps: null,
      precipitation: null,
    },
    ...{ rainMm: null, sky: null, snowCm: null, rainPct: null, lightning: null, ...more },
  });
  const forecast = (...hours: ForecastHour[]) => ({ baseAt: '', hours, days: [] });
  const sources = (more: Partial<Sources>): Sources => ({
    ...{ nowcast: null, soon: null, days: null, pm10: 20, pm25: null, place: SEOUL, ...more },
  });

  it('now is the observation of the last 2 h, completed by the forecast', () => {
    const days = forecast(told('2026-11-20T10:00:00', { temperatureC: 9, sky: 'overcast', rainPct: 30 }));
    const soon = forecast(told('2026-11-20T11:00:00', { temperatureC: 12, lightning: true }));
    const seen = conditionsNow(sources({ nowcast: nowcast('2026-11-20T10:00:00', 11), soon, days }), now);
    expect(seen).toMatchObject({
      at: now,
      temperatureC: 11,
      sky: 'overcast',
      rainPct: 30,
      lightning: true,
      pm10: 20,
    });
    const old = conditionsNow(sources({ nowcast: nowcast('2026-11-20T08:00:00', 11), soon, days }), now);
    expect(old).toMatchObject({ temperatureC: 9, humidityPct: null });
  });

  it('is unknown without sources', () => {
    expect(conditionsNow(sources({}), now)).toMatchObject({
      temperatureC: null,
      precipitation: null,
      pm25: null,
    });
    expect(conditionsAhead(sources({}), now)).toEqual([]);
  });

  it('ahead is the nearer forecast where there is one', () => {
    const soon = forecast(told('2026-11-20T11:00:00', { temperatureC: 12 }));
    const days = forecast(
      ...[
        told('2026-11-20T10:00:00', { temperatureC: 9 }),
        told('2026-11-20T12:00:00', { temperatureC: 13 }),
      ],
      told('2026-11-20T11:00:00', { temperatureC: 10, rainPct: 60 }),
    );
    expect(
      conditionsAhead(sources({ soon, days }), now).map(({ at: hour, temperatureC, rainPct }) => [
        hour,
        temperatureC,
        rainPct,
      ]),
    ).toEqual([
      [kst('2026-11-20T11:00:00'), 12, 60],
      [kst('2026-11-20T12:00:00'), 13, null],
    ]);
  });
});
