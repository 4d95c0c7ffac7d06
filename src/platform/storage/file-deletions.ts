import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from '../database/database.js';
import { defineJob, Handles } from '../queue/job.js';
import { Queue } from '../queue/queue.js';
import type { Slot } from '../queue/schedule.js';
import { Storage } from './storage.js';

/** Deletes from the storage what rows no longer name; also enqueued with such a change. */
export const deleteFiles = defineJob<Slot>('storage.delete-files', { expireInS: 1_800, concurrency: 1 });

const BATCH = 100;

const mark = statement<never>(
  'storage_mark_folders',
  `insert into file_deletions (storage_key, at)
   select distinct key, now() from json_array_elements_text($1::json) as key
   on conflict (storage_key) do update set at = excluded.at`,
);

/** In the order of their keys: one that the storage refuses is passed over. */
const dueAfter = statement<{ storageKey: string; at: Date }>(
  'storage_folders_due',
  `select storage_key as "storageKey", at from file_deletions
   where at <= now() and storage_key > $1::text
   order by storage_key
   limit $2::int`,
);

/** Folders that are to be deleted: rows of `file_deletions`, written here and by triggers of the rows that named them. */
@Injectable()
export class FileDeletions {
  constructor(
    private readonly db: Database,
    private readonly storage: Storage,
    private readonly queue: Queue,
  ) {}

  /** After the transaction: these folders (`cards/<id>`), and those that its triggers have marked. */
  async soon(tx: Transaction, folders: string[] = []): Promise<void> {
    if (folders.length > 0) await tx.rows(mark, [JSON.stringify(folders)]);
    await this.queue.enqueue(tx, deleteFiles, { slotAt: '' });
  }

  /** @throws the first error, after all had their turn: it is tried again */
  @Handles(deleteFiles)
  async deleteDue(): Promise<void> {
    const failures: unknown[] = [];
    for (let after = ''; ;) {
      const due = await this.db.rows(dueAfter, [after, BATCH]);
      for (const { storageKey, at } of due) {
        try {
          await this.storage.delete(`${storageKey}/`);
          // One that was marked again in between has got new files.
          await this.db.prisma.fileDeletion.deleteMany({ where: { storageKey, at } });
        } catch (error) {
          failures.push(error);
        }
      }
      if (due.length < BATCH) break;
      after = due.at(-1)!.storageKey;
    }
    if (failures.length > 0) throw failures[0];
  }
}
