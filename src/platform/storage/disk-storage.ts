import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { OutboundError } from '../outbound/http-client.js';
import { checkedKey, type DirectUpload, draftOf, Storage, type StoredFile } from './storage.js';

const PING = 'ping';

/** Files in a folder of this machine; served by the app. */
export class DiskStorage extends Storage {
  constructor(private readonly folder: string) {
    super();
  }

  /** Writes: a full disk, or one that became read-only, can still be looked at. */
  override async ping(): Promise<void> {
    await this.put(PING, Buffer.from('ok'));
  }

  /** Written beside and renamed, so that a half-written file never has a name. */
  override async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(key);
    const draft = draftOf(path, uuidv7());
    await reached(async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(draft, bytes, { flush: true });
      await rename(draft, path);
    });
  }

  override async get(key: string, maxBytes = Infinity): Promise<Buffer | null> {
    const file = await ifThere(() => open(this.pathOf(key)));
    if (!file) return null;
    try {
      return (await file.stat()).size > maxBytes ? null : await file.readFile();
    } finally {
      await file.close();
    }
  }

  override async head(key: string): Promise<StoredFile | null> {
    const found = await ifThere(() => stat(this.pathOf(key)));
    return found && { key, sizeBytes: found.size, modifiedAt: found.mtime };
  }

  override async delete(keyOrFolder: string): Promise<void> {
    await reached(() => rm(this.pathOf(keyOrFolder), { recursive: true, force: true }));
  }

  override async *list(folder: string): AsyncIterable<StoredFile> {
    const entries = await ifThere(() =>
      readdir(this.pathOf(folder), { recursive: true, withFileTypes: true }),
    );
    const keys = (entries ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .map((path) => path.split(sep).join('/'))
      .sort();
    for (const key of keys) {
      const file = await this.head(key);
      if (file) yield file;
    }
  }

  override directUpload(): Promise<DirectUpload | null> {
    return Promise.resolve(null);
  }

  override directDownload(): Promise<string | null> {
    return Promise.resolve(null);
  }

  private pathOf(key: string): string {
    return join(this.folder, checkedKey(key));
  }
}

async function ifThere<T>(ask: () => Promise<T>): Promise<T | null> {
  return reached(() =>
    ask().catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }),
  );
}

/** A disk that is full, read-only or gone is a storage that cannot be reached. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw Object.assign(new OutboundError('storage', 'network'), { cause: error });
  }
}
