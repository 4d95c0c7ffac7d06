import { Module } from '@nestjs/common';
import { HealthRecordsController } from './health-records.controller.js';
import { HealthRecords } from './health-records.service.js';
import { PetsController } from './pets.controller.js';
import { Pets } from './pets.service.js';

@Module({ controllers: [PetsController, HealthRecordsController], providers: [Pets, HealthRecords] })
export class PetsModule {}
