const CMAP_FORMAT_BY_RANGES = 4;

/**
 * Which characters a TrueType font can draw: the table `cmap`, subtable format 4 (OpenType 1.9, "cmap — Character to
 * Glyph Index Mapping Table"), which holds the basic plane. Nothing above U+FFFF is covered.
 */
export function coverageOf(font: Buffer): (codePoint: number) => boolean {
  const cmap = tableOf(font, 'cmap');
  const subtables = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) =>
    font.readUInt32BE(cmap + 4 + i * 8 + 4),
  ).map((offset) => cmap + offset);
  const ranges = subtables.find((at) => font.readUInt16BE(at) === CMAP_FORMAT_BY_RANGES);
  if (ranges === undefined) throw new Error('A font without a cmap of format 4');
  return (codePoint) => glyphOf(font, ranges, codePoint) !== 0;
}

function tableOf(font: Buffer, tag: string): number {
  const tables = font.readUInt16BE(4);
  for (let record = 12; record < 12 + tables * 16; record += 16)
    if (font.toString('latin1', record, record + 4) === tag) return font.readUInt32BE(record + 8);
  throw new Error(`A font without ${tag}`);
}

/** 0 is the glyph of a missing character. */
function glyphOf(font: Buffer, subtable: number, codePoint: number): number {
  const doubled = font.readUInt16BE(subtable + 6);
  const ends = subtable + 14;
  const starts = ends + doubled + 2;
  const deltas = starts + doubled;
  const offsets = deltas + doubled;
  for (let i = 0; i < doubled; i += 2) {
    if (font.readUInt16BE(ends + i) < codePoint) continue;
    const start = font.readUInt16BE(starts + i);
    if (start > codePoint) return 0;
    const delta = font.readUInt16BE(deltas + i);
    const offset = font.readUInt16BE(offsets + i);
    if (offset === 0) return (codePoint + delta) & 0xffff;
    const glyph = font.readUInt16BE(offsets + i + offset + (codePoint - start) * 2);
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
  }
  return 0;
}
