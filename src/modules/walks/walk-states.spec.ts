import { WalkState } from '../../generated/prisma/enums.js';
import { statesBefore } from '../../platform/rules/transitions.js';
import { walkTransitions } from './walk-states.js';

it('names every state, and no other', () => {
  expect(Object.keys(walkTransitions).sort()).toEqual(Object.values(WalkState).sort());
});

it('a walk records, is completed or abandoned, and nothing brings a deleted one back', () => {
  expect(statesBefore(walkTransitions, 'recording')).toEqual([]);
  expect(statesBefore(walkTransitions, 'abandoned')).toEqual(['recording']);
  expect(statesBefore(walkTransitions, 'completed')).toEqual(['recording', 'abandoned']);
  expect(walkTransitions.deleted).toEqual([]);
});
