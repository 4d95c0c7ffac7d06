import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { Handshake } from '../../platform/sockets/handshake.js';
import { Live } from './live.service.js';
import { Memberships } from './memberships.service.js';
import { Positions } from './positions.js';
import { Rooms } from './rooms.service.js';
import { TogetherController } from './together.controller.js';
import { TogetherGateway } from './together.gateway.js';
import { TogetherJobs } from './together.jobs.js';

@Module({
  imports: [AuthModule],
  controllers: [TogetherController],
  providers: [Rooms, Memberships, Positions, Live, Handshake, TogetherGateway, TogetherJobs],
  exports: [Rooms],
})
export class TogetherModule {}
