import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { InvitationsModule } from '../invitations/index.js';
import { MeetupsModule } from '../meetups/index.js';
import { PaymentsModule } from '../payments/index.js';
import { WalksModule } from '../walks/index.js';
import { AccountsController } from './accounts.controller.js';
import { AccountHandlers } from './accounts.handlers.js';
import { Erasures } from './erasures.service.js';
import { Exports } from './export/exports.service.js';
import { Leavings } from './leaving.service.js';
import { LocationData } from './location-data.service.js';

@Module({
  imports: [AuthModule, InvitationsModule, MeetupsModule, PaymentsModule, WalksModule],
  controllers: [AccountsController],
  providers: [Leavings, Erasures, LocationData, Exports, AccountHandlers],
})
export class AccountsModule {}
