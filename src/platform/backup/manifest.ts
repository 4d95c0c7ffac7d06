import { z } from 'zod';

/** What a backup is, beside its bytes: `manifest.json`. */
export const manifest = z.strictObject({
  /** When it was taken or was to be taken, and its folder: `20261121T170000Z`. */
  id: z.string().regex(/^\d{8}T\d{6}Z$/),
  /** The state that it holds is that of this instant. */
  takenAt: z.iso.datetime(),
  /** `server`: an archive of pg_dump, custom format. `embedded`: PGlite's data folder, tar.gz. */
  kind: z.enum(['server', 'embedded']),
  appVersion: z.string(),
  /** The last migration. */
  schemaVersion: z.string(),
  /** Major version. */
  postgresVersion: z.int(),
  sizeBytes: z.int(),
  /** In their order they are the dump. */
  pieces: z.array(z.strictObject({ name: z.string(), sizeBytes: z.int() })).min(1),
  /** Rows of each table. */
  tables: z.record(z.string(), z.int()),
  /** Files of the local storage that were there; they are kept once for all backups. */
  files: z.array(z.strictObject({ key: z.string(), sizeBytes: z.int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof manifest>;

/** As `sha256sum` writes and checks them. */
const SUMS_LINE = /^([0-9a-f]{64}) {2}([\w.-]+)$/;

export const sumsText = (sums: ReadonlyMap<string, string>): string =>
  [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join('');

/** @returns SHA-256 in hex by file name; null for what is no such list, whole and strictly written */
export function parsedSums(text: string): Map<string, string> | null {
  if (!text.endsWith('\n')) return null;
  const lines = text
    .slice(0, -1)
    .split('\n')
    .map((line) => SUMS_LINE.exec(line));
  const sums = new Map(lines.flatMap((line) => (line ? [[line[2]!, line[1]!] as const] : [])));
  return sums.size === lines.length ? sums : null;
}

export const backupIdOf = (at: Date): string => at.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');

export function backupTimeOf(id: string): Date {
  return new Date(id.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
}
