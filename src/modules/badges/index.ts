export { tellSeasonDeadlines } from './badges.jobs.js';
export { badgesReachedWith } from './badges.queries.js';
export { BadgesModule } from './badges.module.js';
