export { ageOut, eraseLeavers } from './accounts.jobs.js';
export { AccountsModule } from './accounts.module.js';
