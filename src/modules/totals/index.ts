export { giveMonthlyShields } from './shields.jobs.js';
export { reconcileTotals } from './totals.jobs.js';
export { TotalsModule } from './totals.module.js';
