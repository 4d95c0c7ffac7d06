import { defineFact } from '../../platform/queue/job.js';

export interface PetFact {
  petId: string;
}

/** Its row stays; what only shows it need not. */
export const petRemoved = defineFact<PetFact>('pet-removed');
