export { makeRecommendations } from './recommendations.jobs.js';
export { RecommendationsModule } from './recommendations.module.js';
