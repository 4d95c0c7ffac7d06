/** What KMA's items say, as figures (PROVIDERS.md §7). What is missing or unknown is null, never 0. */

export type Precipitation =
  'none' | 'rain' | 'rain_snow' | 'snow' | 'shower' | 'drizzle' | 'drizzle_snow' | 'snow_flurry';
export type Sky = 'clear' | 'mostly_cloudy' | 'overcast';

/** Instants as ISO 8601 text: this is how it is stored. */
export interface Nowcast {
  baseAt: string;
  temperatureC: number | null;
  humidityPct: number | null;
  windMps: number | null;
  /** Where the wind comes from, degrees. */
  windDirectionDeg: number | null;
  precipitation: Precipitation | null;
  /** In the last hour. */
  rainMm: number | null;
}

export interface ForecastHour {
  at: string;
  temperatureC: number | null;
  humidityPct: number | null;
  windMps: number | null;
  precipitation: Precipitation | null;
  rainMm: number | null;
  sky: Sky | null;
  /** Only in the village forecast. */
  snowCm: number | null;
  rainPct: number | null;
  /** Only in the ultra-short forecast. */
  lightning: boolean | null;
}

export interface DayRange {
  /** KST date. */
  date: string;
  minC: number | null;
  maxC: number | null;
}

export interface Forecast {
  baseAt: string;
  hours: ForecastHour[];
  /** Only in the village forecast. */
  days: DayRange[];
}

export type Item = Record<string, unknown>;

const MISSING_FROM = 900;
const PRECIPITATION = new Map<string, Precipitation>([
  ['0', 'none'],
  ['1', 'rain'],
  ['2', 'rain_snow'],
  ['3', 'snow'],
  ['4', 'shower'],
  ['5', 'drizzle'],
  ['6', 'drizzle_snow'],
  ['7', 'snow_flurry'],
]);
const SKIES = new Map<string, Sky>([
  ['1', 'clear'],
  ['3', 'mostly_cloudy'],
  ['4', 'overcast'],
]);
const NOTHING_FELL = new Set(['강수없음', '적설없음', '없음']);

/** @returns null without any figure that can be read */
export function nowcastOf(items: readonly Item[], baseAt: Date): Nowcast | null {
  const values = new Map(items.map((item) => [textOf(item.category), item.obsrValue]));
  const figures = {
    temperatureC: numberOf(values.get('T1H')),
    humidityPct: within(values.get('REH'), 0, 100),
    windMps: within(values.get('WSD'), 0, 200),
    windDirectionDeg: within(values.get('VEC'), 0, 360),
    precipitation: precipitationOf(values.get('PTY')),
    rainMm: amountOf(values.get('RN1')),
  };
  if (Object.values(figures).every((figure) => figure === null)) return null;
  return { baseAt: baseAt.toISOString(), ...figures };
}

/** @returns null without any hour that can be read */
export function forecastOf(items: readonly Item[], baseAt: Date): Forecast | null {
  const hours = new Map<string, Map<string, unknown>>();
  for (const { category, fcstDate, fcstTime, fcstValue } of items) {
    const at = instantOf(fcstDate, fcstTime);
    if (!at) continue;
    const values = hours.get(at) ?? new Map<string, unknown>();
    hours.set(at, values.set(textOf(category), fcstValue));
  }
  if (hours.size === 0) return null;
  return {
    baseAt: baseAt.toISOString(),
    hours: [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([at, values]) => hourOf(at, values)),
    days: rangesOf(items),
  };
}

function hourOf(at: string, values: ReadonlyMap<string, unknown>): ForecastHour {
  const lightning = numberOf(values.get('LGT'));
  return {
    at,
    temperatureC: numberOf(values.get('T1H') ?? values.get('TMP')),
    humidityPct: within(values.get('REH'), 0, 100),
    windMps: within(values.get('WSD'), 0, 200),
    precipitation: precipitationOf(values.get('PTY')),
    rainMm: amountOf(values.get('RN1') ?? values.get('PCP')),
    sky: SKIES.get(textOf(values.get('SKY'))) ?? null,
    snowCm: amountOf(values.get('SNO')),
    rainPct: within(values.get('POP'), 0, 100),
    lightning: lightning === null ? null : lightning > 0,
  };
}

function rangesOf(items: readonly Item[]): DayRange[] {
  const days = new Map<string, DayRange>();
  for (const { category, fcstDate, fcstTime, fcstValue } of items) {
    if (category !== 'TMN' && category !== 'TMX') continue;
    const date = instantOf(fcstDate, fcstTime) && dateOf(textOf(fcstDate));
    if (!date) continue;
    const day = days.get(date) ?? { date, minC: null, maxC: null };
    if (category === 'TMN') day.minC = numberOf(fcstValue);
    else day.maxC = numberOf(fcstValue);
    days.set(date, day);
  }
  return [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

/**
 * An amount that fell in an hour, as a number or as KMA's words for it: of a range its middle, of "less than" the half,
 * of "or more" the bound.
 */
export function amountOf(value: unknown): number | null {
  const text = textOf(value).replace(/\s/g, '');
  if (NOTHING_FELL.has(text)) return 0;
  const [, low, high, less] =
    /^(\d+(?:\.\d+)?)(?:~(\d+(?:\.\d+)?))?(?:mm|cm)?(미만)?(?:이상)?$/.exec(text) ?? [];
  const amount = numberOf(low);
  if (amount === null) return null;
  if (high !== undefined) return (amount + Number(high)) / 2;
  return less ? amount / 2 : amount;
}

/** From ±900 on a number means "missing". */
export function numberOf(value: unknown): number | null {
  const text = textOf(value);
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return null;
  const number = Number(text);
  return Math.abs(number) < MISSING_FROM ? number : null;
}

function within(value: unknown, min: number, max: number): number | null {
  const number = numberOf(value);
  return number !== null && number >= min && number <= max ? number : null;
}

const precipitationOf = (value: unknown): Precipitation | null =>
  PRECIPITATION.get(textOf(value).replace(/^(\d)\.0+$/, '$1')) ?? null;

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';

/** `20261120` → `2026-11-20` */
function dateOf(text: string): string | null {
  const [, year, month, day] = /^(20\d\d)(\d\d)(\d\d)$/.exec(text) ?? [];
  return year ? `${year}-${month}-${day}` : null;
}

/** `20261120`, `0900` (KST) → ISO 8601 in UTC; null for what is no time. */
function instantOf(date: unknown, time: unknown): string | null {
  const day = dateOf(textOf(date));
  const [, hour, minute] = /^([01]\d|2[0-3])([0-5]\d)$/.exec(textOf(time)) ?? [];
  const at = new Date(`${day}T${hour}:${minute}:00+09:00`);
  return day && hour && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}
