import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { fromDateColumn, kstDate, toDateColumn } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { validationFailed } from '../../platform/http/problem.js';
import { Queue } from '../../platform/queue/queue.js';
import { FileLinks } from '../../platform/storage/file-links.js';
import { requirePremium } from '../entitlement/index.js';
import { lockUser } from '../users/index.js';
import { petNotFound } from './pets.errors.js';
import { petRemoved } from './pets.events.js';
import type { PetIn, PetPatch, PetView } from './pets.schemas.js';
import { birthDateFaults } from './rules.js';

/** Premium has no limit; what was added with it stays when it ends. */
const FREE_PET_LIMIT = 2;

const PET = {
  id: true,
  name: true,
  species: true,
  breed: true,
  sex: true,
  neutered: true,
  birthDate: true,
  weightKg: true,
  temperament: true,
  createdAt: true,
  photos: { select: { id: true }, orderBy: { createdAt: 'desc' }, take: 1 },
} satisfies Prisma.PetSelect;

@Injectable()
export class Pets {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
    private readonly links: FileLinks,
    private readonly queue: Queue,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const after = readCursor(cursor);
    const rows = await this.db.prisma.pet.findMany({
      where: {
        userId,
        removedAt: null,
        ...(after && {
          OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }],
        }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      select: PET,
    });
    const views = rows.map((row) => this.viewOf(row, userId));
    return page(views, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** @throws pet-not-found */
  async get(userId: string, petId: string): Promise<PetView> {
    const row = await this.db.prisma.pet.findFirst({
      where: { id: petId, userId, removedAt: null },
      select: PET,
    });
    if (!row) throw petNotFound();
    return this.viewOf(row, userId);
  }

  /** @throws premium-required for one pet more than a free user may have */
  async add(userId: string, input: PetIn, once: Once | null): Promise<PetView> {
    this.checkBirthDate(input);
    return this.idempotency.run(once, async (tx) => {
      await lockUser(tx, userId);
      const count = await tx.prisma.pet.count({ where: { userId, removedAt: null } });
      const now = this.clock.now();
      if (count >= FREE_PET_LIMIT) await requirePremium(tx, userId, now, 'unlimited-pets', FREE_PET_LIMIT);
      const row = {
        id: uuidv7({ msecs: now.getTime() }),
        userId,
        createdAt: now,
        temperament: [],
        ...columnsOf(input),
      };
      return this.viewOf(await tx.prisma.pet.create({ data: row, select: PET }), userId);
    });
  }

  /** @throws pet-not-found */
  async update(userId: string, petId: string, patch: PetPatch): Promise<PetView> {
    this.checkBirthDate(patch);
    await this.db.prisma.pet.updateMany({
      where: { id: petId, userId, removedAt: null },
      data: columnsOf(patch),
    });
    return this.get(userId, petId);
  }

  /** The row stays, for the walks and the health history that name it. @throws pet-not-found */
  async remove(userId: string, petId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.pet.updateMany({
        where: { id: petId, userId, removedAt: null },
        data: { removedAt: this.clock.now() },
      });
      if (count === 0) throw petNotFound();
      await this.queue.record(tx, petRemoved, { petId });
    });
  }

  private viewOf(
    { birthDate, weightKg, photos: [photo], ...row }: Prisma.PetGetPayload<{ select: typeof PET }>,
    viewerId: string,
  ): PetView {
    return {
      ...row,
      birthDate: birthDate && fromDateColumn(birthDate),
      weightKg: weightKg && weightKg.toNumber(),
      photo: photo ? this.links.urlsOf(photo.id, viewerId) : null,
    } as PetView;
  }

  private checkBirthDate({ birthDate }: PetPatch): void {
    const errors = birthDateFaults(birthDate, kstDate(this.clock.now()));
    if (errors.length > 0) throw validationFailed({ errors });
  }
}

/** Absent stays absent (unchanged), null stays null (cleared). */
function columnsOf<T extends PetPatch>({ birthDate, ...fields }: T) {
  return { ...fields, birthDate: birthDate == null ? birthDate : toDateColumn(birthDate) };
}
