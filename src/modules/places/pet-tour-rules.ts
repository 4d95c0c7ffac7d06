import type { PlaceKind } from '../../generated/prisma/enums.js';
import { instantOf, numberOf, type PlaceRow, textOf } from './listed-place.js';
import { spotOf } from './projection-rules.js';

/** `contenttypeid`: sight, culture, festival, leisure, lodging, shopping, food. */
const KINDS: Readonly<Record<string, PlaceKind>> = {
  '12': 'park',
  '14': 'culture',
  '15': 'culture',
  '28': 'park',
  '32': 'lodging',
  '38': 'shop',
  '39': 'cafe',
};
const HIDDEN = '0';

/** A row of `petTourSyncList2` (PROVIDERS.md §9.2); its coordinates are degrees (WGS84). */
export function petPlaceOf(row: Record<string, unknown>): PlaceRow {
  const [key, name] = [textOf(row.contentid), textOf(row.title)];
  if (!key || !name) return { key, rejection: 'unreadable' };
  const kind = KINDS[textOf(row.contenttypeid) ?? ''];
  if (!kind) return { key, rejection: 'kind-unknown' };
  const isOpen = textOf(row.showflag) !== HIDDEN;
  const [lng, lat] = [numberOf(row.mapx), numberOf(row.mapy)];
  const isPlaced = lng !== null && lat !== null && (lng !== 0 || lat !== 0);
  const spot = isPlaced ? spotOf(lat, lng) : null;
  if (isOpen && isPlaced && !spot) return { key, rejection: 'spot-impossible' };
  return {
    key,
    kind,
    name,
    address: [textOf(row.addr1), textOf(row.addr2)].filter(Boolean).join(' ') || null,
    phone: textOf(row.tel),
    imageUrl: imageOf(row.firstimage),
    spot,
    isOpen,
    changedAt: instantOf(row.modifiedtime),
  };
}

/** `detailPetTour2`: which pets, what to bring, what else. */
export function petNoteOf(row: Record<string, unknown>): { key: string; note: string | null } | null {
  const key = textOf(row.contentid);
  if (!key) return null;
  const parts = [row.acmpyPsblCpam, row.acmpyNeedMtr, row.etcAcmpyInfo].map(textOf).filter(Boolean);
  return { key, note: parts.join(' · ').slice(0, 500) || null };
}

function imageOf(value: unknown): string | null {
  const url = textOf(value);
  return url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : null;
}
