export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
/** Brands of ISO base media files (the four letters after `ftyp`) that hold HEVC or AV1 pictures. */
const HEIF_BRANDS = /^(hei[cmsx]|hev[cmsx]|mif[12]|msf1|avi[fs]|miaf)/;

/** What a file is by its first bytes; its name and what the client calls it say nothing. */
export function imageTypeOf(bytes: Buffer): ImageType | 'heif' | null {
  if (bytes.subarray(0, JPEG.length).equals(JPEG)) return 'image/jpeg';
  if (bytes.subarray(0, PNG.length).equals(PNG)) return 'image/png';
  const [head, kind] = [bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 12)];
  if (head === 'RIFF' && kind === 'WEBP') return 'image/webp';
  return bytes.toString('latin1', 4, 8) === 'ftyp' && HEIF_BRANDS.test(kind) ? 'heif' : null;
}
