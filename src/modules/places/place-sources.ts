import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { PlaceSource } from '../../generated/prisma/enums.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { AnimalHospitals, VETS_PER_PAGE } from './animal-hospitals.js';
import type { PlacePage } from './listed-place.js';
import { PET_PLACES_PER_PAGE, PetTour } from './pet-tour.js';

export const PER_PAGE: Record<PlaceSource, number> = {
  animal_hospitals: VETS_PER_PAGE,
  pet_tour: PET_PLACES_PER_PAGE,
};

/**
 * The list of the tourism organisation is some pages long, and what its `modifiedtime` asks for (since, or on that day)
 * is not settled by its manual: it is read as a whole each night.
 */
export const KNOWS_CHANGES: Record<PlaceSource, boolean> = { animal_hospitals: true, pet_tour: false };
export const HAS_NOTES: Record<PlaceSource, boolean> = { animal_hospitals: false, pet_tour: true };

/** The public lists of places. */
@Injectable()
export class PlaceSources {
  constructor(
    private readonly hospitals: AnimalHospitals,
    private readonly petTour: PetTour,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  get isConfigured(): boolean {
    return this.config.publicData !== null;
  }

  /** A page beyond the last is empty. @throws ProviderError */
  page(source: PlaceSource, page: number, changedFrom: Date | null): Promise<PlacePage> {
    return orNothing(
      { rows: [], totalCount: 0 },
      source === 'animal_hospitals' ? this.hospitals.page(page, changedFrom) : this.petTour.page(page),
    );
  }

  /** @throws ProviderError */
  notes(page: number): ReturnType<PetTour['notes']> {
    return orNothing({ notes: [], totalCount: 0 }, this.petTour.notes(page));
  }
}

/** What the source has nothing of is empty. */
async function orNothing<T>(nothing: T, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProviderError && error.fault === 'no-data') return nothing;
    throw error;
  }
}
