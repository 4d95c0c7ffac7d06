import { createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';

/** What a test bends in a token; everything absent stays as the provider would write it. */
export interface TokenOverrides {
  aud?: string;
  iss?: string;
  nonce?: string;
  /** The `exp` claim: seconds since 1970. */
  expS?: number;
  /** Put into the header as is; the current key signs anyway. */
  kid?: string;
  /** `HS256` signs with the public key as the secret: the classic algorithm confusion. */
  alg?: 'RS256' | 'HS256' | 'none';
  /** Signature of another text. */
  forged?: boolean;
  /** Any other claim; `undefined` removes one. */
  claims?: Record<string, unknown>;
}

interface SigningKey {
  kid: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** The RS256 keys of an identity provider: one signs, and its predecessor stays published after a rotation. */
export class SigningKeys {
  private current = newKey();
  private previous?: SigningKey;

  rotate(): void {
    this.previous = this.current;
    this.current = newKey();
  }

  jwks() {
    const published = [this.current, ...(this.previous ? [this.previous] : [])];
    return {
      keys: published.map(({ kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid,
        use: 'sig',
        alg: 'RS256',
      })),
    };
  }

  // By hand, because no JWT library agrees to write the bad tokens.
  sign(claims: Record<string, unknown>, bent: TokenOverrides = {}, typ = 'JWT'): string {
    const { kid = this.current.kid, alg = 'RS256', forged = false, expS, claims: others, ...named } = bent;
    const payload = { ...claims, ...named, ...(expS === undefined ? {} : { exp: expS }), ...others };
    const text = `${encode({ alg, kid, typ })}.${encode(payload)}`;
    return `${text}.${this.signature(forged ? `${text}?` : text, alg)}`;
  }

  private signature(text: string, alg: 'RS256' | 'HS256' | 'none'): string {
    const { publicKey, privateKey } = this.current;
    if (alg === 'none') return '';
    if (alg === 'RS256') return sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url');
    const secret = publicKey.export({ format: 'pem', type: 'spki' });
    return createHmac('sha256', secret).update(text).digest('base64url');
  }
}

function newKey(): SigningKey {
  return { kid: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
