import { Module } from '@nestjs/common';
import { AuthHandlers } from './auth.handlers.js';
import { CallbacksController } from './callbacks.controller.js';
import { Callbacks } from './callbacks.service.js';
import { LoginController } from './login.controller.js';
import { Login } from './login.service.js';
import { Apple } from './providers/apple.js';
import { Kakao } from './providers/kakao.js';
import { Naver } from './providers/naver.js';
import { Providers } from './providers/providers.js';
import { SessionsController } from './sessions.controller.js';
import { Sessions } from './sessions.service.js';
import { Unlinking } from './unlinking.service.js';
import { ViewersModule } from './viewers.module.js';

@Module({
  imports: [ViewersModule],
  controllers: [LoginController, SessionsController, CallbacksController],
  providers: [Login, Sessions, Callbacks, AuthHandlers, Unlinking, Providers, Kakao, Naver, Apple],
  exports: [Unlinking],
})
export class AuthModule {}
