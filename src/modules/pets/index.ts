export { PetsModule } from './pets.module.js';
export { ownedPets } from './pets.queries.js';
