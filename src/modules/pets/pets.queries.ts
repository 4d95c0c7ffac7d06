import { fromDateColumn } from '../../platform/clock/kst.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import { petNotFound } from './pets.errors.js';

const owned = statement<{ id: string; weightKg: number | null }>(
  'pets_owned',
  `select id, weight_kg::float8 as "weightKg" from pets
   where id in (select json_array_elements_text($2::json)::uuid) and user_id = $1::uuid and removed_at is null`,
);

/** The user's own pets among these (removed ones are not): fewer come back when some are not the user's. */
export const ownedPets = (db: Connection, userId: string, petIds: string[]) =>
  db.rows(owned, [userId, JSON.stringify(petIds)]);

/** One of the user's own pets, with what a limit on dogs and the weather's advice ask about. */
export async function ownedPet(db: Connection, userId: string, petId: string) {
  const pet = await db.prisma.pet.findFirst({
    where: { id: petId, userId, removedAt: null },
    select: { weightKg: true, temperament: true, breed: true, birthDate: true },
  });
  return (
    pet && {
      ...pet,
      weightKg: pet.weightKg && pet.weightKg.toNumber(),
      birthDate: pet.birthDate && fromDateColumn(pet.birthDate),
    }
  );
}

const lockRow = statement<{ id: string }>(
  'pet_lock_own',
  `select id from pets where id = $1::uuid and user_id = $2::uuid and removed_at is null for no key update`,
);

/**
 * Makes changes of one pet's records wait for each other until the transaction ends.
 * @throws pet-not-found
 */
export async function lockOwnPet(tx: Transaction, userId: string, petId: string): Promise<void> {
  const [row] = await tx.rows(lockRow, [petId, userId]);
  if (!row) throw petNotFound();
}

export interface WeightRecord {
  id: string;
  weightKg: number | null;
}

export async function newestWeight(db: Connection, petId: string): Promise<WeightRecord | null> {
  const row = await db.prisma.healthRecord.findFirst({
    where: { petId, kind: 'weight' },
    orderBy: [{ date: 'desc' }, { id: 'desc' }],
    select: { id: true, weightKg: true },
  });
  return row && { id: row.id, weightKg: row.weightKg && row.weightKg.toNumber() };
}
