export { PetsModule } from './pets.module.js';
export { ownedPet, ownedPets } from './pets.queries.js';
export { temperament } from './pets.schemas.js';
