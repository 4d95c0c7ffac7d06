import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { outsideKorea } from '../../platform/http/outside-korea.js';
import { PlaceSearch } from './place-search.service.js';
import { placeSearchNotConfigured, placeSearchUnavailable, searchQuotaUsedUp } from './places.errors.js';
import {
  foundPlaces,
  nearbyPlaces,
  nearbyQuery,
  type NearbyQuery,
  searchQuery,
  type SearchQuery,
} from './places.schemas.js';
import { Places } from './places.service.js';

@ApiTags('places')
@ApiBearerAuth()
@Controller('places')
export class PlacesController {
  constructor(
    private readonly places: Places,
    private readonly searches: PlaceSearch,
  ) {}

  @Get('nearby')
  @Answers(200, nearbyPlaces, {
    summary: '가까운 동물병원, 공원, 카페 등 (가까운 순)',
    problems: [outsideKorea],
  })
  listNearbyPlaces(@Query({ schema: nearbyQuery }) query: NearbyQuery) {
    return this.places.near(query);
  }

  @Get('search')
  @Answers(200, foundPlaces, {
    summary: '이름으로 장소 찾기 (카카오)',
    problems: [searchQuotaUsedUp, placeSearchUnavailable, placeSearchNotConfigured],
  })
  searchPlaces(@AskedBy() viewer: Viewer, @Query({ schema: searchQuery }) query: SearchQuery) {
    return this.searches.search(viewer.userId, query);
  }
}
