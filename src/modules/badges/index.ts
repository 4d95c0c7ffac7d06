export { tellSeasonDeadlines } from './badges.jobs.js';
export { BadgesModule } from './badges.module.js';
