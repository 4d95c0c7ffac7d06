import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AccessTokens } from './access-tokens.js';
import { type Viewer, ViewerLookup } from './viewer.js';

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly viewers: ViewerLookup,
  ) {
    super({
      ...AccessTokens.verification,
      algorithms: [...AccessTokens.verification.algorithms],
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request, token: string, done) => {
        const key = tokens.keyFor(token);
        done(key ? null : 'unknown key', key as unknown as Buffer); // passed on as it is, whatever the types say
      },
    });
  }

  async validate(payload: unknown): Promise<Viewer | null> {
    const claims = this.tokens.judge(payload);
    return claims && this.viewers.viewerOf(claims.sub, claims.sid);
  }
}
