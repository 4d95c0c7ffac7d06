export { petNotFound } from './pets.errors.js';
export { type PetFact, petRemoved } from './pets.events.js';
export { PetsModule } from './pets.module.js';
export { ownedPet, ownedPets } from './pets.queries.js';
export { temperament } from './pets.schemas.js';
