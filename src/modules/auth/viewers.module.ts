import { Global, Module } from '@nestjs/common';
import { ViewerLookup } from '../../platform/auth/viewer.js';
import { Viewers } from './viewers.js';

/** Global, as the guard in front of every route asks it. */
@Global()
@Module({
  providers: [{ provide: ViewerLookup, useClass: Viewers }],
  exports: [ViewerLookup],
})
export class ViewersModule {}
