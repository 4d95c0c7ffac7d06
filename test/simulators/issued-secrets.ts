import { randomBytes } from 'node:crypto';
import { secret as neverLogged } from '../support/leaks.js';

/** The codes and tokens a provider gave out, with what each stands for, until they expire. */
export class IssuedSecrets<T> {
  private readonly issued = new Map<string, { value: T; expiresAtMs: number }>();

  constructor(private readonly now: () => number) {}

  issue(value: T, ttlS = Infinity, secret = randomBytes(24).toString('base64url')): string {
    this.issued.set(secret, { value, expiresAtMs: this.now() + ttlS * 1000 });
    return neverLogged(secret);
  }

  find(secret: string | undefined): T | undefined {
    return this.live(secret)?.value;
  }

  remainingS(secret: string | undefined): number {
    return Math.floor(((this.live(secret)?.expiresAtMs ?? this.now()) - this.now()) / 1000);
  }

  revoke(matches: (value: T, secret: string) => boolean): void {
    for (const [secret, { value }] of this.issued) if (matches(value, secret)) this.issued.delete(secret);
  }

  /** Single use: the second call finds nothing. */
  take(secret: string | undefined): T | undefined {
    const value = this.find(secret);
    if (secret !== undefined) this.issued.delete(secret);
    return value;
  }

  private live(secret: string | undefined) {
    const entry = secret === undefined ? undefined : this.issued.get(secret);
    return entry && entry.expiresAtMs > this.now() ? entry : undefined;
  }
}
