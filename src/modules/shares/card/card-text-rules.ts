export const NOBODY = '우리 강아지';
const LONGEST_NAME = 12;
/** In all, as many characters as two lines of the card take. */
const LONGEST_NAMES = 26;
const WEEKDAYS = ['일', '월', '화', '수', '목', '금', '토'];
/** Emoji and what goes with them unseen; flags, skin tones and tags are above what the font covers. */
const PICTURES = /\p{Extended_Pictographic}|\p{Default_Ignorable_Code_Point}|\u20e3/gu;

/** What the font can draw of a text; characters it lacks are left out, not shown as boxes. */
export function printable(text: string, covers: (codePoint: number) => boolean): string {
  return [...text.normalize('NFC').replace(PICTURES, '')]
    .filter((character) => covers(character.codePointAt(0)!))
    .join('')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** "보리 · 콩이", "보리 · 콩이 외 3마리": as many names as there is room for. */
export function namesText(names: readonly string[], covers: (codePoint: number) => boolean): string {
  const shown = names
    .map((name) => printable(name, covers))
    .filter((name) => /[\p{L}\p{N}]/u.test(name))
    .map((name) => shortened(name, names.length === 1 ? 20 : LONGEST_NAME));
  if (shown.length === 0) return NOBODY;
  let fitting = shown.length;
  while (fitting > 1 && joined(shown, fitting).length > LONGEST_NAMES) fitting--;
  return joined(shown, fitting);
}

const joined = (names: readonly string[], count: number): string =>
  names.slice(0, count).join(' · ') + (count < names.length ? ` 외 ${names.length - count}마리` : '');

function shortened(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest
    ? text
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

/** `2026-11-20` → "2026년 11월 20일 금요일" */
export function dateText(date: string): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()]!;
  return `${year}년 ${month}월 ${day}일 ${weekday}요일`;
}

export interface Figure {
  label: string;
  /** Numbers and units in turns: ["1", "시간", "5", "분"]. */
  parts: string[];
}

export const distanceFigure = (distanceM: number): Figure => ({
  label: '거리',
  parts: distanceM < 1_000 ? [String(distanceM), 'm'] : [(distanceM / 1_000).toFixed(1), 'km'],
});

export function timeFigure(movingS: number): Figure {
  const [hours, minutes] = [Math.floor(movingS / 3_600), Math.floor((movingS % 3_600) / 60)];
  const ofHours = hours > 0 ? [String(hours), '시간'] : [];
  return { label: '시간', parts: hours > 0 && minutes === 0 ? ofHours : [...ofHours, String(minutes), '분'] };
}

/** Null where the figures others are told make no pace. */
export function paceFigure(distanceM: number, movingS: number): Figure | null {
  if (distanceM === 0 || movingS === 0) return null;
  const perKmS = Math.round((movingS * 1_000) / distanceM);
  const [minutes, seconds] = [Math.floor(perKmS / 60), String(perKmS % 60).padStart(2, '0')];
  return minutes >= 100 ? null : { label: '1km 평균', parts: [`${minutes}′${seconds}″`, ''] };
}

/** "4.2km", "1시간 5분" */
export const textOf = ({ parts }: Figure): string => parts.join('').replace(/시간(?=\d)/u, '시간 ');
