export { refreshRankings } from './rankings.jobs.js';
export { RankingsModule } from './rankings.module.js';
