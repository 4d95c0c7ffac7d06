export { PlacesModule } from './places.module.js';
export { syncPlaces } from './sync.jobs.js';
