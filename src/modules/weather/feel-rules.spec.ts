import fc from 'fast-check';
import { asphaltC, heatIndexC, sunHeight, windChillC } from './feel-rules.js';

const SEOUL = { lat: 37.57, lng: 126.98 };
const kst = (text: string) => new Date(`${text}+09:00`);
const fahrenheit = (f: number) => ((f - 32) * 5) / 9;

/** From NWS's heat index chart (shade), °F. */
it.each([
  [80, 40, 80],
  [84, 70, 90],
  [90, 50, 95],
  [90, 90, 122],
  [96, 65, 121],
  [100, 40, 109],
  [104, 55, 137],
  [110, 40, 136],
])('NWS: %d °F at %d %% feels like %d °F', (t, rh, felt) => {
  expect((heatIndexC(fahrenheit(t), rh) * 9) / 5 + 32).toBeCloseTo(felt, -0.5);
});

/** From NWS's wind chill chart, °F and mph. */
it.each([
  [40, 5, 36],
  [30, 15, 19],
  [20, 30, 1],
  [0, 10, -16],
  [-20, 40, -57],
])('NWS: %d °F in %d mph feels like %d °F', (t, mph, felt) => {
  expect((windChillC(fahrenheit(t), mph * 0.44704) * 9) / 5 + 32).toBeCloseTo(felt, -0.5);
});

it('says nothing of wind above 10 °C, nor below 4.8 km/h', () => {
  expect(windChillC(10.1, 20)).toBe(10.1);
  expect(windChillC(10, 20)).toBeLessThan(10);
  expect(windChillC(-5, 1.3)).toBe(-5);
  expect(windChillC(-5, 1.4)).toBeLessThan(-5);
});

it('hotter never feels cooler, and colder never warmer', () => {
  const range = fc.double({ min: -40, max: 50, noNaN: true });
  fc.assert(
    fc.property(
      range,
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 60, noNaN: true }),
      (temperature, more, humidity, wind) => {
        expect(heatIndexC(temperature + more, humidity)).toBeGreaterThanOrEqual(
          heatIndexC(temperature, humidity),
        );
        expect(windChillC(temperature + more, wind)).toBeGreaterThanOrEqual(windChillC(temperature, wind));
        expect(windChillC(temperature, wind + more)).toBeLessThanOrEqual(windChillC(temperature, wind));
      },
    ),
    { numRuns: 5_000, seed: 5 },
  );
});

describe('the sun', () => {
  it('is highest at noon of local solar time: 76° in Seoul in June, 29° in December', () => {
    const elevation = (text: string) => (Math.asin(sunHeight(kst(text), SEOUL)) * 180) / Math.PI;
    expect(elevation('2026-06-21T12:32:00')).toBeCloseTo(75.9, 0);
    expect(elevation('2026-12-21T12:32:00')).toBeCloseTo(29, 0);
    expect(elevation('2026-06-21T16:00:00')).toBeLessThan(elevation('2026-06-21T14:00:00'));
  });

  it('does not shine at night', () => {
    for (const hour of ['21', '23', '00', '03'])
      expect(sunHeight(kst(`2026-06-21T${hour}:00:00`), SEOUL)).toBe(0);
  });
});

describe('asphalt (an estimate)', () => {
  const asphalt = (temperature: number, at: string, more = {}) =>
    asphaltC(temperature, { sky: 'clear', isWet: false, at: kst(at), place: SEOUL, ...more });

  it('is about 52 °C at 25 °C and 57 °C at 30 °C under a high sun (Berens 1970)', () => {
    expect(Math.abs(asphalt(25, '2026-06-21T12:30:00') - 52)).toBeLessThan(2);
    expect(Math.abs(asphalt(30, '2026-06-21T12:30:00') - 57)).toBeLessThan(2);
  });

  it('is as warm as the air at night and when wet', () => {
    expect(asphalt(25, '2026-06-21T23:30:00')).toBe(25);
    expect(asphalt(25, '2026-06-21T12:30:00', { isWet: true })).toBe(25);
  });

  it('keeps its heat for a while, and gets less of it through clouds', () => {
    expect(asphalt(25, '2026-06-21T20:30:00')).toBeGreaterThan(25);
    const [clear, cloudy, overcast] = (['clear', 'mostly_cloudy', 'overcast'] as const).map((sky) =>
      asphalt(25, '2026-06-21T12:30:00', { sky }),
    );
    expect(clear! > cloudy! && cloudy! > overcast! && overcast! > 25).toBe(true);
  });
});
