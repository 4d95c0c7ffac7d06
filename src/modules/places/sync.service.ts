import { Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { PlaceSyncRun } from '../../generated/prisma/client.js';
import { PlaceSource } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { sha256 } from '../../platform/crypto/secrets.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { Handles } from '../../platform/queue/job.js';
import { Queue } from '../../platform/queue/queue.js';
import { KakaoLocal } from '../regions/index.js';
import type { ListedPlace, PlacePage } from './listed-place.js';
import { HAS_NOTES, KNOWS_CHANGES, PER_PAGE, PlaceSources } from './place-sources.js';
import {
  beginSyncRun,
  closePlacesUnseen,
  knownPlaces,
  lastFinishedRuns,
  lockRunAt,
  openAndSeen,
  type PageCounts,
  writePetNotes,
  writePlaces,
  type WrittenPlace,
} from './places.queries.js';
import { spotOf } from './projection-rules.js';
import { syncPage, syncPlaces } from './sync.jobs.js';
import { maySweepClose, nextRunOf, pagesOf, RESUMED_WITHIN_MS } from './sync-rules.js';

/** Minutes after each failure of one page; then the run rests until the next night. */
const AGAIN_AFTER_MIN = [1, 5, 15, 30, 60];
/** Addresses that one page asks Kakao for; the others have their turn with the next sweep. */
const ADDRESSES_PER_PAGE = 50;

/**
 * Makes our places equal to the public lists. A run goes from page to page by jobs, each page in a transaction with
 * where the run goes on: killed anywhere, it goes on there. Ids stay, whatever happens to the place.
 */
@Injectable()
export class PlaceSync {
  private readonly log = new Logger(PlaceSync.name);

  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
    private readonly sources: PlaceSources,
    private readonly kakao: KakaoLocal,
  ) {}

  @Handles(syncPlaces)
  async start(): Promise<void> {
    if (!this.sources.isConfigured) return;
    for (const source of Object.values(PlaceSource)) await this.startOf(source);
  }

  @Handles(syncPage)
  async takePage({
    runId,
    page,
    failures,
  }: {
    runId: string;
    page: number;
    failures: number;
  }): Promise<void> {
    const run = await this.db.prisma.placeSyncRun.findUnique({ where: { id: runId } });
    if (run?.state !== 'running' || run.nextPage !== page) return;
    try {
      if (isInNotes(run)) await this.takeNotes(run);
      else await this.takeList(run);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      await this.rest(run, error, failures);
    }
  }

  private async startOf(source: PlaceSource): Promise<void> {
    const now = this.clock.now();
    const running = await this.db.prisma.placeSyncRun.findFirst({ where: { source, state: 'running' } });
    if (running) {
      if (await this.queue.isWaiting(this.db, 'sync-page', { runId: running.id })) return;
      if (now.getTime() - running.startedAt.getTime() < RESUMED_WITHIN_MS)
        return this.db.transaction((tx) => this.goOn(tx, running.id, running.nextPage));
      await this.db.prisma.placeSyncRun.update({
        where: { id: running.id },
        data: { state: 'failed', endedAt: now, failure: running.failure ?? 'left' },
      });
    }
    const { lastSweepAt, lastRunAt } = await lastFinishedRuns(this.db, source);
    const id = uuidv7();
    const next = KNOWS_CHANGES[source]
      ? nextRunOf(lastSweepAt, lastRunAt, now)
      : { isSweep: true, changedFrom: null };
    await this.db.transaction(async (tx) => {
      if (await beginSyncRun(tx, { id, source, ...next, now })) await this.goOn(tx, id, 1);
    });
  }

  private async takeList(run: PlaceSyncRun): Promise<void> {
    const { source, nextPage: page } = run;
    const list = await this.sources.page(source, page, run.changedFrom);
    const { places, unread, repeated } = await this.written(source, list);
    const now = this.clock.now();
    await this.db.transaction(async (tx) => {
      if (!(await lockRunAt(tx, run.id, page))) return;
      const sweepId = run.isSweep ? run.id : null;
      const counts = await writePlaces(tx, { source, places, sweepId, now, unread: unread.keys });
      counts.unchanged += repeated;
      const pages = list.totalCount === null ? page : pagesOf(list.totalCount, PER_PAGE[source]);
      const isLast = page >= pages;
      const after = await this.count(tx, run, counts, unread.count, isLast ? page : pages);
      if (!isLast) return this.goOn(tx, run.id, page + 1);
      const isWhole = !run.isSweep || (await this.closeUnseen(tx, after, list.totalCount));
      if (isWhole && HAS_NOTES[source]) await this.goOn(tx, run.id, page + 1);
      else await this.end(tx, run, isWhole ? 'finished' : 'failed', isWhole ? null : 'list-incomplete');
    });
  }

  private async takeNotes(run: PlaceSyncRun): Promise<void> {
    const { source, nextPage: page } = run;
    const notesPage = page - run.pages!;
    const { notes, totalCount } = await this.sources.notes(notesPage);
    await this.db.transaction(async (tx) => {
      if (!(await lockRunAt(tx, run.id, page))) return;
      await writePetNotes(
        tx,
        source,
        [...new Map(notes.map((note) => [note.key, note])).values()],
        this.clock.now(),
      );
      await tx.prisma.placeSyncRun.update({ where: { id: run.id }, data: { nextPage: page + 1 } });
      if (notesPage < pagesOf(totalCount ?? 0, PER_PAGE[source])) await this.goOn(tx, run.id, page + 1);
      else await this.end(tx, run, 'finished', null);
    });
  }

  private goOn(tx: Transaction, runId: string, page: number, runAt?: Date, failures = 0): Promise<void> {
    return this.queue.enqueue(tx, syncPage, { runId, page, failures }, { runAt });
  }

  private count(tx: Transaction, run: PlaceSyncRun, counts: PageCounts, rejected: number, pages: number) {
    return tx.prisma.placeSyncRun.update({
      where: { id: run.id },
      data: {
        nextPage: run.nextPage + 1,
        pages,
        failure: null,
        added: { increment: counts.added },
        changed: { increment: counts.changed },
        unchanged: { increment: counts.unchanged },
        closed: { increment: counts.closed },
        rejected: { increment: rejected },
      },
    });
  }

  /** @returns false when the list that was read cannot be all of it: then nothing is closed for not being in it */
  private async closeUnseen(tx: Transaction, run: PlaceSyncRun, totalCount: number | null): Promise<boolean> {
    const listed = run.added + run.changed + run.unchanged + run.closed + run.rejected;
    const { open, seen } = await openAndSeen(tx, run.source, run.id);
    if (!maySweepClose({ listed, totalCount, open, seen })) {
      this.log.error(
        { alarm: 'places-list-incomplete', source: run.source, listed, totalCount, open, seen },
        'a list of places is not whole: nothing was closed for it',
      );
      return false;
    }
    const closed = await closePlacesUnseen(tx, run.source, run.id, this.clock.now());
    await tx.prisma.placeSyncRun.update({ where: { id: run.id }, data: { closed: { increment: closed } } });
    return true;
  }

  private async end(
    tx: Transaction,
    { id }: PlaceSyncRun,
    state: 'finished' | 'failed',
    failure: string | null,
  ): Promise<void> {
    const { source, isSweep, pages, added, changed, unchanged, closed, rejected } =
      await tx.prisma.placeSyncRun.update({
        where: { id },
        data: { state, failure, endedAt: this.clock.now() },
      });
    this.log.log(
      { source, state, failure, isSweep, pages, added, changed, unchanged, closed, rejected },
      'places were synchronised',
    );
  }

  /** What the source answered decides whether the page is tried again, the next night, or not at all. */
  private async rest(run: PlaceSyncRun, error: ProviderError, failures: number): Promise<void> {
    const { fault, code, isForToday } = error;
    const failure = `${fault}: ${code}`;
    this.log.warn({ source: run.source, page: run.nextPage, fault, code }, 'a page of places did not come');
    await this.db.transaction(async (tx) => {
      if (!(await lockRunAt(tx, run.id, run.nextPage))) return;
      if (fault === 'refused') return this.end(tx, run, isInNotes(run) ? 'finished' : 'failed', failure);
      await tx.prisma.placeSyncRun.update({ where: { id: run.id }, data: { failure } });
      const waitMin = AGAIN_AFTER_MIN[failures];
      if (isForToday || waitMin === undefined) return; // the next night goes on here
      const runAt = new Date(this.clock.nowMs() + waitMin * 60_000);
      await this.goOn(tx, run.id, run.nextPage, runAt, failures + 1);
    });
  }

  /** What a page says, each place once, with the spot of those that have only an address. */
  private async written(source: PlaceSource, { rows }: PlacePage) {
    const listed = new Map<string, ListedPlace>();
    const unread = { count: 0, keys: [] as string[] };
    for (const row of rows) {
      if (!('rejection' in row)) listed.set(row.key, row);
      else {
        unread.count++;
        if (row.key) unread.keys.push(row.key);
      }
    }
    unread.keys = unread.keys.filter((key) => !listed.has(key));
    const repeated = rows.length - unread.count - listed.size;
    const spots = await this.spotsByAddress(source, [...listed.values()]);
    const places = [...listed.values()].map((place): WrittenPlace => {
      const { spot, changedAt, ...rest } = place;
      const { lat, lng } = spot ?? spots.get(place.key) ?? { lat: null, lng: null };
      return {
        ...rest,
        id: uuidv7(),
        lat,
        lng,
        changedAt: changedAt?.toISOString() ?? null,
        hash: hashOf(place),
      };
    });
    return { places, unread, repeated };
  }

  /** Of open places without a spot that are new, have moved, or were not found before. */
  private async spotsByAddress(source: PlaceSource, places: ListedPlace[]) {
    const spots = new Map<string, { lat: number; lng: number }>();
    const spotless = places.filter(({ spot, isOpen, address }) => !spot && isOpen && address);
    if (!this.kakao.isConfigured || spotless.length === 0) return spots;
    const known = await knownPlaces(
      this.db,
      source,
      spotless.map(({ key }) => key),
    );
    const placedAt = new Map(
      known.filter(({ isPlaced }) => isPlaced).map(({ key, address }) => [key, address]),
    );
    const asked = spotless.filter(({ key, address }) => placedAt.get(key) !== address);
    try {
      for (const { key, address } of asked.slice(0, ADDRESSES_PER_PAGE)) {
        const found = await this.kakao.positionOf(address!);
        const spot = found && spotOf(found.lat, found.lng);
        if (spot) spots.set(key, spot);
      }
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error; // the others stay without a spot until the next sweep
    }
    return spots;
  }
}

/** The pages after those of the list are the notes'. */
const isInNotes = ({ pages, nextPage }: PlaceSyncRun): boolean => pages !== null && nextPage > pages;

/** Of what the source says, and of nothing that we add. */
const hashOf = ({ kind, name, address, phone, imageUrl, spot }: ListedPlace): string =>
  Buffer.from(sha256(JSON.stringify([kind, name, address, phone, imageUrl, spot]))).toString('hex');
