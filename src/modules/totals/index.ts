export { reconcileTotals } from './totals.jobs.js';
export { TotalsModule } from './totals.module.js';
