import { dogCaloriesKcal } from './calories.js';

describe('dogCaloriesKcal', () => {
  it('follows Taylor, Heglund & Maloiy: 10 kg, 1.25 m/s, 40 min', () => {
    const wattsPerKg = 10.7 * 10 ** -0.316 * 1.25 + 6.03 * 10 ** -0.303;
    const kcal = dogCaloriesKcal({ weightKg: 10, distanceM: 3000, movingS: 2400 });
    expect(kcal).toBeCloseTo((wattsPerKg * 10 * 2400) / 4184, 6);
    expect(kcal).toBeGreaterThan(40);
    expect(kcal).toBeLessThan(70);
  });

  it('G15 an unknown weight is no calories, never 0', () => {
    for (const weightKg of [null, 0, -3, NaN]) {
      expect(dogCaloriesKcal({ weightKg, distanceM: 3000, movingS: 2400 })).toBeNull();
    }
  });

  it('G06 no walk is 0 kcal', () => {
    expect(dogCaloriesKcal({ weightKg: 10, distanceM: 0, movingS: 0 })).toBe(0);
  });

  it('G22 a heavier dog spends more', () => {
    const of = (weightKg: number) => dogCaloriesKcal({ weightKg, distanceM: 2000, movingS: 1800 })!;
    expect(of(30)).toBeGreaterThan(of(5));
  });
});
