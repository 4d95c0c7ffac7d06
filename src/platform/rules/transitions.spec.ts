import { defineTransitions, statesBefore } from './transitions.js';

type Light = 'red' | 'green' | 'off';

it('accepts a table whose states can all be reached, by way of others too', () => {
  const table = { red: ['green'], green: ['red', 'off'], off: [] } as const;
  expect(defineTransitions<Light>('red', table)).toBe(table);
});

it('refuses a table with a state that nothing leads to, and names it', () => {
  expect(() => defineTransitions<Light>('red', { red: ['green'], green: ['red'], off: ['red'] })).toThrow(
    'No transition leads to: off',
  );
});

it('knows the states from which one is entered', () => {
  const table = defineTransitions<Light>('red', { red: ['green', 'off'], green: ['red', 'off'], off: [] });
  expect(statesBefore(table, 'off')).toEqual(['red', 'green']);
  expect(statesBefore(table, 'red')).toEqual(['green']);
});
