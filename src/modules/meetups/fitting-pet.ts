import type { Transaction } from '../../platform/database/database.js';
import { ownedPet } from '../pets/index.js';
import { type DogLimits, isLimited, misfitsOf } from './meetup-rules.js';
import { petDoesNotFit, petNeeded, petNotYours } from './meetups.errors.js';

/** @throws validation-failed for no dog where there are limits, or somebody else's; pet-does-not-fit */
export async function checkPet(
  tx: Transaction,
  userId: string,
  petId: string | undefined,
  limits: DogLimits,
): Promise<void> {
  if (petId === undefined) {
    if (isLimited(limits)) throw petNeeded();
    return;
  }
  const pet = await ownedPet(tx, userId, petId);
  if (!pet) throw petNotYours();
  const misfits = misfitsOf(pet, limits);
  if (misfits.length > 0) throw petDoesNotFit({ members: { misfits } });
}
