import { randomInt } from 'node:crypto';

/** In UTF-16 units, as the API counts lengths. */
export const MAX_NICKNAME_LENGTH = 20;

/** Control, direction-changing and invisible characters; the zero-width joiner stays, since emoji are made with it. */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufffd]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const graphemes = new Intl.Segmenter('ko');

/** The provider's nickname as far as it can be shown; never cuts a syllable or an emoji in half. */
export function cleanNickname(given: string | null | undefined): string | null {
  const text = (given ?? '').normalize('NFC').replace(/\s+/gu, ' ').replace(UNSAFE, '').trim();
  let cut = '';
  for (const { segment } of graphemes.segment(text)) {
    if (cut.length + segment.length > MAX_NICKNAME_LENGTH) break;
    cut += segment;
  }
  return VISIBLE.test(cut) ? cut.trim() : null;
}

export const friendlyNickname = (): string => `산책친구${randomInt(1_000, 10_000)}`;
