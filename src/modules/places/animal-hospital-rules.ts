import { instantOf, numberOf, type PlaceRow, textOf } from './listed-place.js';
import { spotOf5174 } from './projection-rules.js';

/** `SALS_STTS_CD`: 02 is suspended, 03 closed, 04 cancelled. */
const OPEN = '01';

/** A row of 15154952 (PROVIDERS.md §9.1). */
export function vetOf(row: Record<string, unknown>): PlaceRow {
  const [authority, number] = [textOf(row.OPN_ATMY_GRP_CD), textOf(row.MNG_NO)];
  const name = textOf(row.BPLC_NM);
  const status = textOf(row.SALS_STTS_CD);
  const key = authority && number && `${authority}-${number}`;
  if (!key || !name || !status) return { key: key || null, rejection: 'unreadable' };
  const isOpen = status === OPEN;
  const [x, y] = [numberOf(row.CRD_INFO_X), numberOf(row.CRD_INFO_Y)];
  const isPlaced = x !== null && y !== null && (x !== 0 || y !== 0);
  const spot = isPlaced ? spotOf5174(x, y) : null;
  // One that is closed is closed wherever it was.
  if (isOpen && isPlaced && !spot) return { key, rejection: 'spot-impossible' };
  return {
    key,
    kind: 'vet',
    name,
    address: textOf(row.ROAD_NM_ADDR) ?? textOf(row.LOTNO_ADDR),
    phone: textOf(row.TELNO),
    imageUrl: null,
    spot,
    isOpen,
    changedAt: instantOf(row.LAST_MDFCN_PNT),
  };
}
