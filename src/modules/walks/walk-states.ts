import type { WalkState } from '../../generated/prisma/enums.js';
import { defineTransitions } from '../../platform/rules/transitions.js';

/**
 * An abandoned walk can still be completed: the phone may have been without network for half a day, and what
 * it recorded is not lost. A walk started by mistake can be deleted while it records.
 */
export const walkTransitions = defineTransitions<WalkState>('recording', {
  recording: ['completed', 'abandoned', 'deleted'],
  abandoned: ['completed', 'deleted'],
  completed: ['deleted'],
  deleted: [],
});
