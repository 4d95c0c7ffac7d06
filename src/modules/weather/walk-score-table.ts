import type { Grade } from './air-readings-rules.js';
import type { Precipitation, Sky } from './kma-readings-rules.js';

/**
 * What takes how many points off 100, and where it begins. "Ours" is a judgement of this product and of no source. It
 * is advice for a walk, not veterinary advice.
 */

/** Points from a value on; the last one that is reached counts. */
export type Bands = readonly (readonly [from: number, points: number])[];

/** A level begins at its score. Ours. */
export const LEVELS = [
  ['good', 80],
  ['fair', 60],
  ['caution', 35],
  ['bad', 0],
] as const;

/** As without a walk's most important figures nothing is "good". */
export const BEST_WITH_UNKNOWNS = 79;

/**
 * Felt heat, °C. 31, 33, 35, 38: levels of KMA's heat impact forecast (폭염 영향예보: 관심, 주의, 경고, 위험); 33 and 35
 * are also the heat advisory and warning (폭염주의보, 폭염경보). 25 and 28 are ours: dogs pant where people do not mind yet.
 */
export const HEAT: Bands = [
  [25, 5],
  [28, 15],
  [31, 30],
  [33, 45],
  [35, 65],
  [38, 85],
];

/**
 * Felt cold, °C below zero counted up. 12 and 15 below: KMA's cold wave advisory and warning (한파주의보, 한파경보; there of
 * the morning's minimum). The others are ours.
 */
export const COLD_BELOW_ZERO: Bands = [
  [-4, 5],
  [0, 15],
  [6, 35],
  [12, 60],
  [15, 75],
];

/**
 * Estimated asphalt, °C. Contact with skin burns after about 15 min at 48, 5 min at 50, 30 s at 55 and 5 s at 60
 * (Moritz & Henriques, Am. J. Pathol. 23, 1947; of skin of people and pigs: paws are taken to be no tougher).
 */
export const ASPHALT: Bands = [
  [48, 10],
  [50, 25],
  [55, 45],
  [60, 65],
];

/**
 * How much hotter than the air asphalt gets under a high, clear sun: 52 °C at 25 °C, 57 °C at 30 °C, 62 °C at 31 °C
 * (Berens, JAMA 214, 1970).
 */
export const ASPHALT_EXCESS_C = 28;
/** It gives its heat back slowly: of the sun of an hour ago, of two hours ago. Ours. */
export const ASPHALT_KEPT = [1, 0.85, 0.65] as const;
/**
 * The share of the sun that gets through: 1 − 0.75 n^3.4 for the cloud cover n (Kasten & Czeplak, Solar Energy 24,
 * 1980), n in the middle of KMA's classes (맑음 0–5 tenths, 구름많음 6–8, 흐림 9–10).
 */
const sunThrough = (cover: number) => 1 - 0.75 * cover ** 3.4;
export const SUN_THROUGH: Record<Sky, number> = {
  clear: sunThrough(0.25),
  mostly_cloudy: sunThrough(0.7),
  overcast: sunThrough(0.95),
};

/** What falls, at least. Ours. */
export const FALLING: Record<Precipitation, number> = {
  none: 0,
  snow_flurry: 5,
  drizzle: 10,
  drizzle_snow: 15,
  snow: 15,
  rain: 20,
  shower: 20,
  rain_snow: 25,
};
/** mm in an hour, where KMA's words change: 보통 비, 강한 비, 매우 강한 비. */
export const RAIN_MM: Bands = [
  [3, 35],
  [15, 60],
  [30, 80],
];
/** cm in an hour. 5: KMA's heavy snow advisory (대설주의보; there in 24 h). 1 is ours. */
export const SNOW_CM: Bands = [
  [1, 30],
  [5, 55],
];
/** % that it will rain, when it does not say so anyway. Ours. */
export const RAIN_PCT: Bands = [
  [60, 8],
  [80, 12],
];

/** m/s. Beaufort 5 and 6; 14 and 21 are KMA's gale advisory and warning on land (강풍주의보, 강풍경보). */
export const WIND_MPS: Bands = [
  [8, 8],
  [10.8, 18],
  [14, 45],
  [21, 80],
];

/** By AirKorea's grades (see `air-readings-rules.ts`); the worse of PM10 and PM2.5 counts. Points are ours. */
export const AIR: Record<Grade, number> = { good: 0, normal: 5, bad: 30, very_bad: 60 };

/** Lightning within the hour: nobody should be outside (KMA, 낙뢰 국민행동요령). */
export const LIGHTNING_POINTS = 90;

/** For what is not known. Ours. */
export const UNKNOWN = {
  temperature: 30,
  precipitation: 15,
  air: 8,
  wind: 5,
  lightning: 2,
} as const;
/** Taken in the place of what is not known, where it is a part of something else. Ours: rather too strict. */
export const ASSUMED = { humidityPct: 80, windMps: 5, sky: 'clear' } as const satisfies {
  humidityPct: number;
  windMps: number;
  sky: Sky;
};

/** A nowcast or forecast says what "now" is for this long after its hour. */
export const NOWCAST_HOLDS_MS = 2 * 3_600_000;
export const BEST_HOUR_WITHIN_MS = 24 * 3_600_000;

/** 소형견 below the first, 대형견 from the second on, as in the recommendations. */
export const SMALL_BELOW_KG = 10;
export const LARGE_FROM_KG = 25;
export const PUPPY_BELOW_MONTHS = 6;
/** Large dogs grow old earlier (AAHA Canine Life Stage Guidelines 2019: the last quarter of the breed's life). Ages ours. */
export const SENIOR_FROM_YEARS = { small: 11, medium: 9, large: 7, unknown: 7 } as const;

export interface Need {
  /** So much hotter it feels to the dog, °C. */
  heatC: number;
  /** So much colder. */
  coldC: number;
  /** So many times worse the air is. */
  air: number;
}

/**
 * What makes a dog mind the weather more: the kinds of adjustment of Tufts' Animal Care and Condition scale for weather
 * (flat faces, the very young and the old, size). The amounts are ours. Half-known dogs are taken to be half so.
 */
export const NEEDS = {
  'pet-brachycephalic': { heatC: 4, coldC: 0, air: 1.5 },
  'pet-puppy': { heatC: 2, coldC: 3, air: 1.3 },
  'pet-senior': { heatC: 2, coldC: 3, air: 1.3 },
  'pet-small': { heatC: 0, coldC: 3, air: 1 },
  'pet-large': { heatC: 1, coldC: 0, air: 1 },
  'unknown-pet-size': { heatC: 1, coldC: 3, air: 1 },
  'unknown-pet-age': { heatC: 1, coldC: 1.5, air: 1.15 },
  'unknown-pet-breed': { heatC: 2, coldC: 0, air: 1.25 },
} as const satisfies Record<string, Need>;
export type NeedCode = keyof typeof NEEDS;

export const REASONS = [
  'hot',
  'cold',
  'hot-asphalt',
  'rain',
  'snow',
  'rain-likely',
  'wind',
  'air',
  'lightning',
  'unknown-temperature',
  'unknown-humidity',
  'unknown-precipitation',
  'unknown-wind',
  'unknown-air',
  'unknown-lightning',
  'stale-weather',
  'fine',
  ...(Object.keys(NEEDS) as NeedCode[]),
] as const;
export type ReasonCode = (typeof REASONS)[number];
/** Those that follow from the weather; the other one tells of the answer. */
export type WeatherReason = Exclude<ReasonCode, 'stale-weather'>;

/** Dogs with short noses; names are compared without spaces and case, so a part of a mixed breed's name is found. */
export const BRACHYCEPHALIC: readonly string[] = [
  ...['퍼그', 'pug', '불독', '불도그', '불도크', 'bulldog', '프렌치불', 'frenchie'],
  ...['시츄', '시추', '시쮸', 'shihtzu', 'shitzu', '페키니즈', '페키니스', 'pekingese', 'pekinese'],
  ...['보스턴테리어', 'bostonterrier', '복서', 'boxer', '라사압소', 'lhasaapso'],
  ...['브뤼셀그리펀', '브뤼셀그리폰', '브리셀그리펀', 'brusselsgriffon', 'griffonbruxellois'],
  ...['킹찰스', '킹찰즈', 'kingcharles', 'cavalier', '카발리에', '카바리에', '캐벌리어', '카발리어'],
  ...['재패니즈친', '재패니스친', '일본친', 'japanesechin', '마스티프', 'mastiff', '샤페이', 'sharpei'],
  ...[
    '보르도',
    'bordeaux',
    '카네코르소',
    'canecorso',
    '차우차우',
    'chowchow',
    '티베탄스패니얼',
    'tibetanspaniel',
  ],
];
