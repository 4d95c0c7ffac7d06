import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, Public, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { accountBeingErased } from '../users/index.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import {
  identityAlreadyLinked,
  loginForAnotherApp,
  loginRejected,
  providerNotConfigured,
  providerUnavailable,
} from './auth.errors.js';
import {
  type AppleLogin,
  appleLogin,
  type KakaoLogin,
  kakaoLogin,
  linkedIdentity,
  loginNonce,
  loginResult,
  type NaverLogin,
  naverLogin,
} from './auth.schemas.js';
import { Login } from './login.service.js';

const PROBLEMS = [loginRejected, loginForAnotherApp, providerNotConfigured, providerUnavailable];
const LOGIN_PROBLEMS = [...PROBLEMS, accountBeingErased];
const LINK_PROBLEMS = [...PROBLEMS, identityAlreadyLinked];

@ApiTags('auth')
@Controller('auth')
export class LoginController {
  constructor(private readonly login: Login) {}

  @Public()
  @Post('nonce')
  @LimitedAs('refresh')
  @Answers(201, loginNonce, {
    summary: '로그인에 한 번 쓰는 값 받기 (Apple nonce, 네이버 state, 카카오 OIDC nonce; 10분)',
  })
  issueLoginNonce() {
    return this.login.issueNonce();
  }

  @Public()
  @Post('kakao')
  @LimitedAs('login')
  @Answers(200, loginResult, { summary: '카카오로 로그인', problems: LOGIN_PROBLEMS })
  loginWithKakao(@Body({ schema: kakaoLogin }) body: KakaoLogin) {
    return this.login.withKakao(body);
  }

  @Public()
  @Post('naver')
  @LimitedAs('login')
  @Answers(200, loginResult, { summary: '네이버로 로그인', problems: LOGIN_PROBLEMS })
  loginWithNaver(@Body({ schema: naverLogin }) body: NaverLogin) {
    return this.login.withNaver(body);
  }

  @Public()
  @Post('apple')
  @LimitedAs('login')
  @Answers(200, loginResult, { summary: 'Apple로 로그인', problems: LOGIN_PROBLEMS })
  loginWithApple(@Body({ schema: appleLogin }) body: AppleLogin) {
    return this.login.withApple(body);
  }

  @ApiBearerAuth()
  @Post('link/kakao')
  @LimitedAs('login')
  @Answers(200, linkedIdentity, { summary: '내 계정에 카카오 로그인 연결', problems: LINK_PROBLEMS })
  linkKakao(@AskedBy() viewer: Viewer, @Body({ schema: kakaoLogin }) body: KakaoLogin) {
    return this.login.linkKakao(viewer, body);
  }

  @ApiBearerAuth()
  @Post('link/naver')
  @LimitedAs('login')
  @Answers(200, linkedIdentity, { summary: '내 계정에 네이버 로그인 연결', problems: LINK_PROBLEMS })
  linkNaver(@AskedBy() viewer: Viewer, @Body({ schema: naverLogin }) body: NaverLogin) {
    return this.login.linkNaver(viewer, body);
  }

  @ApiBearerAuth()
  @Post('link/apple')
  @LimitedAs('login')
  @Answers(200, linkedIdentity, { summary: '내 계정에 Apple 로그인 연결', problems: LINK_PROBLEMS })
  linkApple(@AskedBy() viewer: Viewer, @Body({ schema: appleLogin }) body: AppleLogin) {
    return this.login.linkApple(viewer, body);
  }
}
