import { Module } from '@nestjs/common';
import { Air } from './air.service.js';
import { AirKorea } from './air-korea.js';
import { Cells } from './cells.service.js';
import { Kma } from './kma.js';
import { WalkScores } from './walk-score.service.js';
import { WalkWeatherJobs } from './walk-weather.jobs.js';
import { WeatherController } from './weather.controller.js';
import { WeatherJobs } from './weather.jobs.js';
import { Weather } from './weather.service.js';

@Module({
  controllers: [WeatherController],
  providers: [Kma, AirKorea, Cells, Air, Weather, WalkScores, WeatherJobs, WalkWeatherJobs],
})
export class WeatherModule {}
