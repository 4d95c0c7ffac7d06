/** One administrative dong (행정동). */
export interface Region {
  /** 10 digits (H code). */
  code: string;
  sido: string;
  /** Empty for 세종. */
  gu: string;
  dong: string;
}

export const nameOf = ({ sido, gu, dong }: Region): string => [sido, gu, dong].filter(Boolean).join(' ');

/** Some files write a city and its district as one word (수원시영통구). */
const CITY_AND_DISTRICT = /^(\S+시)(\S+구)$/;

/** `서울특별시 종로구 청운효자동` in its parts; null for anything but names from sido to dong. */
export function partsOfName(name: string): Omit<Region, 'code'> | null {
  const words = name.normalize('NFC').trim().split(/\s+/);
  const [sido, ...between] = words;
  const dong = between.pop();
  if (!sido || !dong || between.length > 2) return null;
  return { sido, gu: between.join(' ').replace(CITY_AND_DISTRICT, '$1 $2'), dong };
}
