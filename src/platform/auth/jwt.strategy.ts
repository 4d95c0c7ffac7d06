import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { type AccessClaims, AccessTokens } from './access-tokens.js';
import { type Viewer, ViewerLookup } from './viewer.js';

type Verified = (error: Error | null, payload: AccessClaims | null) => void;

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly viewers: ViewerLookup,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: randomBytes(32), // nobody's
    });
    // Passport's own verification would check the signature again that the limits have checked already.
    Object.assign(Strategy, {
      JwtVerifier: (token: string, _key: unknown, _options: unknown, done: Verified) => {
        const payload = tokens.signed(token);
        done(payload ? null : new Error('not signed by us'), payload);
      },
    });
  }

  async validate(payload: AccessClaims): Promise<Viewer | null> {
    const claims = this.tokens.judge(payload);
    return claims && this.viewers.viewerOf(claims.sub, claims.sid);
  }
}
