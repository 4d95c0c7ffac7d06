import { reportTransitions, STEPS } from './report-states.js';

it('each act goes one way of the table; nothing is settled twice, and a dismissed report stays so', () => {
  for (const { from, to } of Object.values(STEPS)) expect(reportTransitions[from]).toContain(to);
  expect(reportTransitions).toEqual({
    open: ['dismissed', 'actioned'],
    actioned: ['dismissed'],
    dismissed: [],
  });
});
