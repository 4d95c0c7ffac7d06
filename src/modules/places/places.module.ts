import { Module } from '@nestjs/common';
import { RegionsModule } from '../regions/index.js';
import { AnimalHospitals } from './animal-hospitals.js';
import { PetTour } from './pet-tour.js';
import { PlaceSearch } from './place-search.service.js';
import { PlaceSources } from './place-sources.js';
import { PlacesController } from './places.controller.js';
import { Places } from './places.service.js';
import { PlaceSync } from './sync.service.js';

@Module({
  imports: [RegionsModule],
  controllers: [PlacesController],
  providers: [AnimalHospitals, PetTour, PlaceSources, PlaceSync, Places, PlaceSearch],
})
export class PlacesModule {}
