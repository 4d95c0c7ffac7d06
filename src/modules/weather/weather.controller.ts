import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { outsideKorea } from '../../platform/http/outside-korea.js';
import { petNotFound } from '../pets/index.js';
import { WalkScores } from './walk-score.service.js';
import { viewOf } from './weather-view.js';
import { tooManyPlaces, weatherNotConfigured, weatherUnavailable } from './weather.errors.js';
import {
  type WalkScoreQuery,
  walkScoreQuery,
  walkScoreView,
  type WeatherQuery,
  weatherQuery,
  weatherView,
} from './weather.schemas.js';
import { Weather } from './weather.service.js';

const PROBLEMS = [outsideKorea, tooManyPlaces, weatherNotConfigured, weatherUnavailable];

@ApiTags('weather')
@ApiBearerAuth()
@Controller('weather')
export class WeatherController {
  constructor(
    private readonly weather: Weather,
    private readonly scores: WalkScores,
  ) {}

  @Get()
  @Answers(200, weatherView, {
    summary: '한 곳의 날씨와 미세먼지 (부분마다 얼마나 지났는지)',
    problems: PROBLEMS,
  })
  async getWeather(@AskedBy() viewer: Viewer, @Query({ schema: weatherQuery }) query: WeatherQuery) {
    return viewOf(await this.weather.at(viewer.userId, query));
  }

  @Get('walk-score')
  @Answers(200, walkScoreView, {
    summary: '산책 적합도와 그 이유, 앞으로 24시간 가운데 가장 좋은 시간',
    problems: [petNotFound, ...PROBLEMS],
  })
  getWalkScore(@AskedBy() viewer: Viewer, @Query({ schema: walkScoreQuery }) query: WalkScoreQuery) {
    return this.scores.scoreAt(viewer.userId, query);
  }
}
