import { createHash } from 'node:crypto';
import { ownPackage } from '../package.js';
import { isDraft, type Storage } from '../storage/storage.js';
import { type Dump, type DumpSource, listDump } from './dump.js';
import { backupTimeOf, type Manifest, manifest, parsedSums, sumsText } from './manifest.js';

/** What is in memory at once, and one object in S3. */
const PIECE_BYTES = 16 * 1024 * 1024;
const KEPT_MS = 30 * 86_400_000;
/** However old: when no new one succeeds, the last good ones stay. */
const KEPT_AT_LEAST = 3;
/** A folder without its sums is one that is being written, or was never finished. */
const UNFINISHED_KEPT_MS = 86_400_000;
const ROOT = 'backups/';
/** Beside them, so that each file is kept once. */
const FILES = 'backup-files/';
const MANIFEST = 'manifest.json';
const SUMS = 'SHA256SUMS';

/** The backup is not there, or not what it was when it was taken. */
export class BackupError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BackupError';
  }
}

/** Files of the app that are backed up with the rows that name them. */
export interface KeptFiles {
  storage: Storage;
  /** As in `photos/`. */
  folders: readonly string[];
}

/**
 * Backups in a folder or a bucket: `backups/<id>/` with pieces of the dump, `manifest.json`, and `SHA256SUMS`, which is
 * written last: a backup without it does not count. `cat *.part` gives the dump back to PostgreSQL's own tools.
 */
export class Backups {
  constructor(
    private readonly storage: Storage,
    private readonly keptFiles: KeptFiles | null,
  ) {}

  /**
   * Dumps, reads back what was stored, and only then counts it as a backup.
   * @returns null when there is one with this id already
   * @throws Error after which nothing of it is left, and the earlier ones are as they were
   */
  async take(id: string, source: DumpSource): Promise<Manifest | null> {
    return source(async (open) => {
      if (await this.storage.head(this.at(id, SUMS))) return null;
      try {
        return await this.write(id, await open());
      } catch (error) {
        await this.storage.delete(this.at(id)).catch(() => {}); // what refuses to be written may refuse this
        throw error;
      }
    });
  }

  /** Of the finished ones, oldest first. */
  async list(): Promise<string[]> {
    return (await this.folders()).filter(({ isFinished }) => isFinished).map(({ id }) => id);
  }

  /** Reads every byte of it, with the files that it names. @throws BackupError */
  async verify(id: string): Promise<Manifest> {
    const found = await this.verifyDump(id);
    const damaged: string[] = [];
    for (const file of found.files) if (!(await this.keptFile(file))) damaged.push(file.key);
    if (damaged.length > 0) throw damagedFiles(damaged);
    return found;
  }

  /** Without the files: a photo that is lost keeps nobody from restoring the rest. @throws BackupError */
  async verifyDump(id: string): Promise<Manifest> {
    const found = await this.manifestOf(id);
    await listDump(found, this.read(id, found));
    for await (const _ of this.read(id, found)); // to its end
    return found;
  }

  /** The dump, each piece compared with its checksum before it is handed on. @throws BackupError */
  async *read(id: string, { pieces }: Manifest): AsyncGenerator<Uint8Array> {
    const sums = await this.sumsOf(id);
    for (const { name, sizeBytes } of pieces) {
      const bytes = await this.storage.get(this.at(id, name), sizeBytes);
      if (bytes?.length !== sizeBytes || sha256(bytes) !== sums.get(name))
        throw new BackupError(`Backup ${id} is damaged: ${name} is not what was written.`);
      yield bytes;
    }
  }

  /**
   * Puts files back that are not there. @returns how many
   * @throws BackupError for damaged ones, after the others were put back
   */
  async restoreFiles({ files }: Manifest): Promise<number> {
    if (!this.keptFiles) return 0;
    const damaged: string[] = [];
    let restored = 0;
    for (const file of files) {
      const { key, sizeBytes } = file;
      if ((await this.keptFiles.storage.head(key))?.sizeBytes === sizeBytes) continue;
      const bytes = await this.keptFile(file);
      if (!bytes) damaged.push(key);
      else {
        await this.keptFiles.storage.put(key, bytes, 'application/octet-stream');
        restored++;
      }
    }
    if (damaged.length > 0) throw damagedFiles(damaged);
    return restored;
  }

  /** Deletes what is older than 30 days, but for the last good ones, while nobody takes one. @returns the ids */
  prune(now: Date, source: DumpSource): Promise<string[]> {
    return source(() => this.pruneAlone(now));
  }

  private async pruneAlone(now: Date): Promise<string[]> {
    const folders = await this.folders();
    const finished = folders.filter(({ isFinished }) => isFinished);
    const isOlder = (id: string, ms: number) => now.getTime() - backupTimeOf(id).getTime() > ms;
    const old = finished.slice(0, -KEPT_AT_LEAST).filter(({ id }) => isOlder(id, KEPT_MS));
    const unfinished = folders.filter(({ id, isFinished }) => !isFinished && isOlder(id, UNFINISHED_KEPT_MS));
    // Its sums first: what is half deleted does not count.
    for (const { id } of old) await this.storage.delete(this.at(id, SUMS));
    for (const { id } of [...old, ...unfinished]) await this.storage.delete(this.at(id));
    if (old.length > 0) await this.pruneFiles();
    return old.map(({ id }) => id);
  }

  private async write(id: string, dump: Dump): Promise<Manifest> {
    const { kind, takenAt, postgresVersion, schemaVersion, tables } = dump;
    const sums = new Map<string, string>();
    const pieces: Manifest['pieces'] = [];
    const put = async (name: string, bytes: Uint8Array) => {
      sums.set(name, sha256(bytes));
      await this.storage.put(this.at(id, name), bytes, 'application/octet-stream');
    };
    for await (const piece of inPieces(dump.bytes)) {
      const name = `${String(pieces.length).padStart(5, '0')}.part`;
      pieces.push({ name, sizeBytes: piece.length });
      await put(name, piece);
    }
    const made = manifest.parse({
      ...{ id, takenAt: takenAt.toISOString(), kind, appVersion: (await ownPackage()).version },
      ...{ schemaVersion, postgresVersion, pieces, tables },
      sizeBytes: pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      files: await this.copyFiles(),
    });
    await put(MANIFEST, Buffer.from(`${JSON.stringify(made, null, 1)}\n`));
    for (const [name, sum] of sums) {
      const stored = await this.storage.get(this.at(id, name));
      if (!stored || sha256(stored) !== sum)
        throw new BackupError(`Backup ${id}: ${name} does not read as it was written.`);
    }
    await listDump(made, this.stored(id, made));
    await this.storage.put(this.at(id, SUMS), Buffer.from(sumsText(sums)), 'text/plain');
    return made;
  }

  private async *stored(id: string, { pieces }: Manifest): AsyncGenerator<Uint8Array> {
    for (const { name } of pieces) yield (await this.storage.get(this.at(id, name)))!;
  }

  /** Null when it is not what was copied. */
  private async keptFile({ key, sizeBytes, sha256: sum }: Manifest['files'][number]): Promise<Buffer | null> {
    const bytes = await this.storage.get(`${FILES}${key}`, sizeBytes);
    return bytes && sha256(bytes) === sum ? bytes : null;
  }

  /** Keys are random and never get other content, so what is there is not copied again. */
  private async copyFiles(): Promise<Manifest['files']> {
    if (!this.keptFiles) return [];
    const last = (await this.list()).at(-1);
    const known = new Map(last ? (await this.manifestOf(last)).files.map((file) => [file.key, file]) : []);
    const files: Manifest['files'] = [];
    for (const folder of this.keptFiles.folders) {
      for await (const { key, sizeBytes } of this.keptFiles.storage.list(folder)) {
        if (isDraft(key)) continue;
        const copied = known.get(key);
        const kept = copied && (await this.storage.head(`${FILES}${key}`));
        if (copied?.sizeBytes === sizeBytes && kept?.sizeBytes === sizeBytes) {
          files.push(copied);
          continue;
        }
        const bytes = await this.keptFiles.storage.get(key);
        if (!bytes) continue; // deleted meanwhile
        await this.storage.put(`${FILES}${key}`, bytes, 'application/octet-stream');
        files.push({ key, sizeBytes: bytes.length, sha256: sha256(bytes) });
      }
    }
    return files;
  }

  /** What no backup names any more. */
  private async pruneFiles(): Promise<void> {
    if (!this.keptFiles) return;
    const named = new Set<string>();
    for (const id of await this.list())
      for (const { key } of (await this.manifestOf(id)).files) named.add(`${FILES}${key}`);
    for (const folder of this.keptFiles.folders) {
      for await (const { key } of this.storage.list(`${FILES}${folder}`))
        if (!named.has(key)) await this.storage.delete(key);
    }
  }

  private async folders(): Promise<{ id: string; isFinished: boolean }[]> {
    const found = new Map<string, boolean>();
    for await (const { key } of this.storage.list(ROOT)) {
      const [id, name] = key.slice(ROOT.length).split('/');
      if (id && name) found.set(id, (found.get(id) ?? false) || name === SUMS);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, isFinished]) => ({ id, isFinished }));
  }

  private async sumsOf(id: string): Promise<Map<string, string>> {
    const text = await this.storage.get(this.at(id, SUMS));
    if (!text) throw new BackupError(`There is no backup ${id}.`);
    const sums = parsedSums(text.toString('latin1'));
    if (!sums) throw new BackupError(`Backup ${id} is damaged: its ${SUMS} cannot be read.`);
    return sums;
  }

  private async manifestOf(id: string): Promise<Manifest> {
    const sums = await this.sumsOf(id);
    const bytes = await this.storage.get(this.at(id, MANIFEST));
    if (!bytes || sha256(bytes) !== sums.get(MANIFEST))
      throw new BackupError(`Backup ${id} is damaged: its ${MANIFEST} is not what was written.`);
    const found = manifest.parse(JSON.parse(bytes.toString('utf8')));
    const names = [...found.pieces.map(({ name }) => name), MANIFEST].sort();
    if (found.id !== id || names.join() !== [...sums.keys()].sort().join())
      throw new BackupError(`Backup ${id} is damaged: its ${SUMS} names other files.`);
    return found;
  }

  private at(id: string, name = ''): string {
    return `${ROOT}${id}/${name}`;
  }
}

const damagedFiles = (keys: string[]): BackupError =>
  new BackupError(`${keys.length} file(s) are missing or damaged: ${keys.slice(0, 5).join(', ')}`);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function* inPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (let part of bytes) {
    while (size + part.length >= PIECE_BYTES) {
      const room = PIECE_BYTES - size;
      yield Buffer.concat([...parts, part.subarray(0, room)]);
      part = part.subarray(room);
      [parts, size] = [[], 0];
    }
    parts.push(part);
    size += part.length;
  }
  if (size > 0) yield Buffer.concat(parts);
}
