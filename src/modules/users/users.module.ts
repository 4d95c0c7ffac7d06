import { Module } from '@nestjs/common';
import { ConsentsController } from './consents.controller.js';
import { Consents } from './consents.service.js';
import { LocationLog } from './location-log.js';
import { LocationLogController } from './location-log.controller.js';
import { PrivacyZonesController } from './privacy-zones.controller.js';
import { PrivacyZones } from './privacy-zones.service.js';
import { UsersController } from './users.controller.js';
import { Users } from './users.service.js';

@Module({
  controllers: [UsersController, PrivacyZonesController, ConsentsController, LocationLogController],
  providers: [Users, PrivacyZones, Consents, LocationLog],
})
export class UsersModule {}
