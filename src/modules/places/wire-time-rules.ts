import { kstDate, kstHour } from '../../platform/clock/kst.js';

/** `YYYYMMDDHH0000` in Korean time; the hour before or at the instant. */
export const compactKst = (at: Date): string =>
  `${kstDate(at).replaceAll('-', '')}${String(kstHour(at)).padStart(2, '0')}0000`;
