const JOULES_PER_KCAL = 4184;

/**
 * Energy a dog spends on a walk, in kcal: metabolic power of running and walking animals after Taylor,
 * Heglund & Maloiy 1982 (J. exp. Biol. 97, 1–21), W/kg = 10.7 M^-0.316 v + 6.03 M^-0.303 with M in kg and v
 * in m/s, over the moving time (standing is not counted). Null where the weight is unknown.
 */
export function dogCaloriesKcal(input: {
  weightKg: number | null;
  distanceM: number;
  movingS: number;
}): number | null {
  const { weightKg, distanceM, movingS } = input;
  if (weightKg === null || !(weightKg > 0) || !Number.isFinite(weightKg)) return null;
  const joulesPerKg = 10.7 * weightKg ** -0.316 * distanceM + 6.03 * weightKg ** -0.303 * movingS;
  return (joulesPerKg * weightKg) / JOULES_PER_KCAL;
}
