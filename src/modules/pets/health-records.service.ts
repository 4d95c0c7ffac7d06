import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { fromDateColumn, kstDate, toDateColumn } from '../../platform/clock/kst.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { validationFailed } from '../../platform/http/problem.js';
import { healthRecordNotFound, petNotFound } from './pets.errors.js';
import { lockOwnPet, newestWeight } from './pets.queries.js';
import type { HealthRecordIn, HealthRecordPatch, HealthRecordView } from './pets.schemas.js';
import { type HealthFacts, healthFaults } from './rules.js';

const RECORD = {
  id: true,
  kind: true,
  date: true,
  title: true,
  note: true,
  weightKg: true,
  nextDue: true,
  createdAt: true,
} satisfies Prisma.HealthRecordSelect;

@Injectable()
export class HealthRecords {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  /** @throws pet-not-found */
  async list(userId: string, petId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    const pet = await this.db.prisma.pet.findFirst({
      where: { id: petId, userId, removedAt: null },
      select: {
        healthRecords: {
          where: after ? { OR: [{ date: { lt: after.at } }, { date: after.at, id: { lt: after.id } }] } : {},
          orderBy: [{ date: 'desc' }, { id: 'desc' }],
          take: limit + 1,
          select: RECORD,
        },
      },
    });
    if (!pet) throw petNotFound();
    return page(pet.healthRecords.map(recordView), limit, ({ date, id }) => ({ at: toDateColumn(date), id }));
  }

  /** @throws pet-not-found */
  async add(
    userId: string,
    petId: string,
    input: HealthRecordIn,
    once: Once | null,
  ): Promise<HealthRecordView> {
    this.check(input);
    return this.idempotency.run(once, async (tx) => {
      await lockOwnPet(tx, userId, petId);
      const now = this.clock.now();
      const row = {
        id: uuidv7({ msecs: now.getTime() }),
        petId,
        createdAt: now,
        ...columnsOf(input),
        date: toDateColumn(input.date),
      };
      return weighing(tx, petId, async () =>
        recordView(await tx.prisma.healthRecord.create({ data: row, select: RECORD })),
      );
    });
  }

  /** @throws pet-not-found, health-record-not-found */
  async update(
    userId: string,
    petId: string,
    recordId: string,
    patch: HealthRecordPatch,
  ): Promise<HealthRecordView> {
    return this.db.transaction(async (tx) => {
      await lockOwnPet(tx, userId, petId);
      const before = await tx.prisma.healthRecord.findFirst({
        where: { id: recordId, petId },
        select: RECORD,
      });
      if (!before) throw healthRecordNotFound();
      this.check({ ...recordView(before), ...patch });
      return weighing(tx, petId, async () => {
        const row = { where: { id: recordId }, data: columnsOf(patch), select: RECORD };
        return recordView(await tx.prisma.healthRecord.update(row));
      });
    });
  }

  /** @throws pet-not-found, health-record-not-found */
  async remove(userId: string, petId: string, recordId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockOwnPet(tx, userId, petId);
      await weighing(tx, petId, async () => {
        const { count } = await tx.prisma.healthRecord.deleteMany({ where: { id: recordId, petId } });
        if (count === 0) throw healthRecordNotFound();
      });
    });
  }

  private check(record: HealthFacts): void {
    const errors = healthFaults(record, kstDate(this.clock.now()));
    if (errors.length > 0) throw validationFailed({ errors });
  }
}

/**
 * Makes a change of the records. If another weight is the newest by date afterwards, the pet weighs that;
 * otherwise its weight stays, which the owner may have set by hand.
 */
async function weighing<T>(tx: Transaction, petId: string, change: () => Promise<T>): Promise<T> {
  const before = await newestWeight(tx, petId);
  const result = await change();
  const after = await newestWeight(tx, petId);
  if (after && (after.id !== before?.id || after.weightKg !== before.weightKg)) {
    await tx.prisma.pet.update({
      where: { id: petId },
      data: { weightKg: after.weightKg },
      select: { id: true },
    });
  }
  return result;
}

/** Absent stays absent (unchanged), null stays null (cleared). */
function columnsOf<T extends HealthRecordPatch>({ date, nextDue, ...fields }: T) {
  return {
    ...fields,
    date: date === undefined ? undefined : toDateColumn(date),
    nextDue: nextDue == null ? nextDue : toDateColumn(nextDue),
  };
}

function recordView({
  date,
  nextDue,
  weightKg,
  ...row
}: Prisma.HealthRecordGetPayload<{ select: typeof RECORD }>): HealthRecordView {
  return {
    ...row,
    date: fromDateColumn(date),
    nextDue: nextDue && fromDateColumn(nextDue),
    weightKg: weightKg && weightKg.toNumber(),
  };
}
