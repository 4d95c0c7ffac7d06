import type { PlaceKind } from '../../generated/prisma/enums.js';
import type { Spot } from './projection-rules.js';

/** A place as its source lists it, in our words. */
export interface ListedPlace {
  /** The source's own key. */
  key: string;
  kind: PlaceKind;
  name: string;
  address: string | null;
  phone: string | null;
  imageUrl: string | null;
  /** Null when the source names none: then there is the address. */
  spot: Spot | null;
  isOpen: boolean;
  changedAt: Date | null;
}

/** Why a row is left out. */
export type Rejection = 'unreadable' | 'kind-unknown' | 'spot-impossible';

/** A rejected row was listed nonetheless: what is known under its key is not closed for it. */
export interface RejectedPlace {
  key: string | null;
  rejection: Rejection;
}

export type PlaceRow = ListedPlace | RejectedPlace;

export interface PlacePage {
  rows: PlaceRow[];
  /** Of the whole list, as the source says; null where it does not. */
  totalCount: number | null;
}

const MAX_TEXT = 300;

/** A field's text on one line; null for nothing. */
export function textOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
  return text === '' ? null : text.slice(0, MAX_TEXT);
}

export function numberOf(value: unknown): number | null {
  const text = textOf(value);
  const number = text === null ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/** `20261020110000`, `2026-10-20 11:00:00` or shorter, in Korean time. */
export function instantOf(value: unknown): Date | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] =
    /^(20\d\d)-?(\d\d)-?(\d\d)[ T]?(?:(\d\d):?(\d\d):?(\d\d)?)?/.exec(textOf(value) ?? '') ?? [];
  if (!year) return null;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}+09:00`);
  return Number.isNaN(at.getTime()) ? null : at;
}
