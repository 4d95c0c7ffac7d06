import type { Taken } from './photo-place-rules.js';

/** As much as a JPEG can hold; other formats could bring any amount. */
const MAX_EXIF_BYTES = 64 * 1024;
/** Cameras write some dozens. Nothing of the rest is looked at: entries may lie over each other by the thousand. */
const MAX_ENTRIES = 200;
const MAX_TEXT_BYTES = 64;
const KST_OFFSET_MIN = 9 * 60;
const NOTHING: Taken = { position: null, atMs: null };

/** Tags and types of TIFF 6.0 and EXIF 2.32. */
const TAG = { exif: 0x8769, gps: 0x8825, takenAt: 0x9003, offset: 0x9011 };
const GPS = { latRef: 1, lat: 2, lngRef: 3, lng: 4 };
const TYPE = { ascii: 2, long: 4, rational: 5 };
const ENTRY_BYTES = 12;

/** Where and when a photo says it was taken. Photos are full of odd metadata: what cannot be read is not there. */
export function takenBy(exif: Buffer | undefined): Taken {
  const tiff = exif && exif.length <= MAX_EXIF_BYTES ? Tiff.open(exif) : null;
  if (!tiff) return NOTHING;
  const base = tiff.entriesAt(tiff.u32(4));
  return {
    position: positionOf(tiff, tiff.entriesAt(tiff.pointer(base.get(TAG.gps)))),
    atMs: takenAtOf(tiff, tiff.entriesAt(tiff.pointer(base.get(TAG.exif)))),
  };
}

/** Where the entry of each tag is. */
type Entries = ReadonlyMap<number, number>;

/** Reads nothing outside of the block, and no value that was not asked for. */
class Tiff {
  private constructor(
    private readonly bytes: Buffer,
    private readonly isLittle: boolean,
  ) {}

  static open(exif: Buffer): Tiff | null {
    const bytes = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
    const order = bytes.toString('latin1', 0, 2);
    if (bytes.length < 8 || (order !== 'II' && order !== 'MM')) return null;
    const tiff = new Tiff(bytes, order === 'II');
    return tiff.u16(2) === 42 ? tiff : null;
  }

  u16(at: number): number {
    return this.isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  u32(at: number): number {
    return this.isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  entriesAt(at: number | null): Entries {
    const entries = new Map<number, number>();
    if (at === null || at + 2 > this.bytes.length) return entries;
    const count = Math.min(this.u16(at), MAX_ENTRIES);
    for (let i = 0, entryAt = at + 2; i < count; i++, entryAt += ENTRY_BYTES) {
      if (entryAt + ENTRY_BYTES > this.bytes.length) break;
      entries.set(this.u16(entryAt), entryAt);
    }
    return entries;
  }

  pointer(entryAt: number | undefined): number | null {
    const at = this.valueAt(entryAt, TYPE.long, 4, (count) => count === 1);
    return at === null ? null : this.u32(at);
  }

  text(entryAt: number | undefined): string | null {
    const at = this.valueAt(entryAt, TYPE.ascii, 1, (count) => count <= MAX_TEXT_BYTES);
    if (at === null) return null;
    return this.bytes.toString('latin1', at, at + this.u32(entryAt! + 4)).split('\0', 1)[0]!;
  }

  /** Three of them, as numbers. */
  rationals(entryAt: number | undefined): [number, number, number] | null {
    const at = this.valueAt(entryAt, TYPE.rational, 8, (count) => count === 3);
    if (at === null) return null;
    const nth = (i: number) => this.u32(at + i * 8) / this.u32(at + i * 8 + 4);
    return [nth(0), nth(1), nth(2)];
  }

  /** Where an entry's value is: in the entry itself when it fits. */
  private valueAt(
    entryAt: number | undefined,
    type: number,
    unitBytes: number,
    fits: (count: number) => boolean,
  ): number | null {
    if (entryAt === undefined || this.u16(entryAt + 2) !== type) return null;
    const count = this.u32(entryAt + 4);
    if (!fits(count)) return null;
    const bytes = count * unitBytes;
    if (bytes <= 4) return entryAt + 8;
    const at = this.u32(entryAt + 8);
    return at + bytes <= this.bytes.length ? at : null;
  }
}

function positionOf(tiff: Tiff, gps: Entries): Taken['position'] {
  const half = (tag: number) => tiff.text(gps.get(tag));
  const lat = degrees(tiff.rationals(gps.get(GPS.lat)), half(GPS.latRef), 'S', 90);
  const lng = degrees(tiff.rationals(gps.get(GPS.lng)), half(GPS.lngRef), 'W', 180);
  return lat === null || lng === null || (lat === 0 && lng === 0) ? null : { lat, lng };
}

/** Degrees, minutes and seconds, and which half of the world. */
function degrees(
  parts: [number, number, number] | null,
  ref: string | null,
  negative: string,
  most: number,
): number | null {
  if (!parts || ref === null) return null;
  const [d, m, s] = parts;
  const value = (d + m / 60 + s / 3_600) * (ref.startsWith(negative) ? -1 : 1);
  return Number.isFinite(value) && Math.abs(value) <= most ? value : null;
}

/** The camera's own clock; it is Korean unless the photo says otherwise. */
function takenAtOf(tiff: Tiff, photo: Entries): number | null {
  const local = tiff.text(photo.get(TAG.takenAt)) ?? '';
  const [, date, time] = /^(\d{4}:\d{2}:\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(local) ?? [];
  const localMs = date && time ? Date.parse(`${date.replaceAll(':', '-')}T${time}Z`) : NaN;
  if (Number.isNaN(localMs)) return null;
  const [, sign, hours, minutes] =
    /^([+-])(\d{2}):(\d{2})/.exec(tiff.text(photo.get(TAG.offset)) ?? '') ?? [];
  const offsetMin = sign ? (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1) : KST_OFFSET_MIN;
  return localMs - offsetMin * 60_000;
}
