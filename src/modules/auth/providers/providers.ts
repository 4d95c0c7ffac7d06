import { Injectable } from '@nestjs/common';
import { Apple } from './apple.js';
import { Kakao } from './kakao.js';
import { Naver } from './naver.js';

/** Who can vouch for a user. */
@Injectable()
export class Providers {
  constructor(
    readonly kakao: Kakao,
    readonly naver: Naver,
    readonly apple: Apple,
  ) {}
}
