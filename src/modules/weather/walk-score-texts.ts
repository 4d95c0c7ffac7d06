import type { Conditions } from './conditions-rules.js';
import type { Felt } from './feel-rules.js';
import type { WeatherReason } from './walk-score-table.js';

type Seen = Conditions & Felt;

const degrees = (value: number | null) => `${Math.round(value ?? 0)}℃`;

/** Why a score is what it is, as the walker reads it. */
const TEXTS: Record<WeatherReason, (seen: Seen) => string> = {
  hot: ({ heatC }) => `체감온도가 ${degrees(heatC)}로 더워요. 물을 챙기고 그늘로 걸어 주세요.`,
  cold: ({ coldC }) => `체감온도가 ${degrees(coldC)}로 추워요. 짧게 걷고 옷을 입혀 주세요.`,
  'hot-asphalt': (seen) => `아스팔트가 ${degrees(seen.asphaltC)}쯤으로 추정돼요. 발바닥 화상을 조심하세요.`,
  rain: ({ rainMm }) => (rainMm ? `비가 시간당 ${rainMm}mm쯤 와요.` : '비가 와요.'),
  snow: () => '눈이 와요. 염화칼슘이 묻은 발을 씻겨 주세요.',
  'rain-likely': ({ rainPct }) => `비가 올 확률이 ${rainPct}%예요.`,
  wind: ({ windMps }) => `바람이 초속 ${windMps}m로 강해요.`,
  air: ({ pm10, pm25 }) => `미세먼지 ${pm10 ?? '-'}, 초미세먼지 ${pm25 ?? '-'}㎍/㎥이에요.`,
  lightning: () => '낙뢰가 예상돼요. 실내에 있어 주세요.',
  'unknown-temperature': () => '기온을 알 수 없어요.',
  'unknown-humidity': () => '습도를 알 수 없어 높다고 보고 계산했어요.',
  'unknown-precipitation': () => '비나 눈이 오는지 알 수 없어요.',
  'unknown-wind': () => '바람을 알 수 없어요.',
  'unknown-air': () => '미세먼지 측정값이 다 있지는 않아요.',
  'unknown-lightning': () => '낙뢰 정보가 없어요.',
  'pet-brachycephalic': () => '코가 짧은 견종이라 더위와 나쁜 공기에 약해요.',
  'pet-puppy': () => '아직 어려서 더위와 추위에 약해요.',
  'pet-senior': () => '나이가 많아 더위와 추위에 약해요.',
  'pet-small': () => '작은 몸이라 추위를 많이 타요.',
  'pet-large': () => '큰 몸이라 더위를 많이 타요.',
  'unknown-pet-size': () => '몸무게를 몰라 더위와 추위에 약하다고 보았어요.',
  'unknown-pet-age': () => '나이를 몰라 조금 약하다고 보았어요.',
  'unknown-pet-breed': () => '견종을 몰라 더위에 조금 약하다고 보았어요.',
  fine: () => '산책하기 좋은 날씨예요.',
};

export const reasonText = (code: WeatherReason, seen: Seen): string => TEXTS[code](seen);

/** The texts of the others need the weather; this one tells of the answer itself. */
export const staleReason = () => ({
  code: 'stale-weather' as const,
  points: 0,
  text: '최신 날씨를 받지 못해 지난 정보로 계산했어요.',
});
