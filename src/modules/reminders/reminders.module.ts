import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';

@Module({ imports: [NotificationsModule] })
export class RemindersModule {}
