import { defineFact } from '../../platform/queue/job.js';

/** Facts carry ids only: whoever reacts reads the walk as it is by then. */
export interface WalkFact {
  walkId: string;
  userId: string;
}

/** A walk was completed and judged for the first time. */
export const walkCompleted = defineFact<WalkFact>('walk-completed');

/** A completed walk was edited, deleted, judged again or extended by late points. */
export const walkChanged = defineFact<WalkFact>('walk-changed');

/** Its start region or the weather at its start is known now, or is another one. */
export const walkSurroundingsLearnt = defineFact<WalkFact>('walk-surroundings-learnt');
