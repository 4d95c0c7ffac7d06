import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { Identity } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { keysOf, seal, unsealByAny } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { failpoint } from '../../platform/failpoint.js';
import { Providers } from './providers/providers.js';

/** What a provider has to be told when the identity is no more. */
interface OwedLink extends Pick<Identity, 'provider' | 'providerUserId' | 'clientId'> {
  token: string | null;
}

/** Tells the providers that somebody has left. */
@Injectable()
export class Unlinking {
  private readonly log = new Logger(Unlinking.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly providers: Providers,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The links that still stand. */
  async linked(userId: string): Promise<Identity[]> {
    return this.db.prisma.identity.findMany({ where: { userId, unlinkedAt: null }, orderBy: { id: 'asc' } });
  }

  /** Telling it twice is fine. @throws provider-unavailable, provider-not-configured */
  async unlink(identity: Identity): Promise<void> {
    await this.tell(this.owedLink(identity));
    failpoint('erasure.provider-told');
    await this.db.prisma.identity.update({
      where: { id: identity.id },
      data: { unlinkedAt: this.clock.now(), refreshTokenSealed: null },
    });
  }

  /** What `tellOwed` needs, sealed: it outlives the account. */
  owed(links: readonly Identity[]): Uint8Array<ArrayBuffer> {
    return this.sealed(links.map((link) => this.owedLink(link)));
  }

  /**
   * Whoever came back meanwhile keeps the new link. Telling it twice is fine.
   * @returns what is still owed; null: nothing
   */
  async tellOwed(owed: Uint8Array): Promise<{ providers: string[]; owed: Uint8Array<ArrayBuffer> } | null> {
    const links = JSON.parse(unsealByAny(owed, keysOf(this.config))) as OwedLink[];
    const left: OwedLink[] = [];
    for (const link of links) {
      const { provider, providerUserId } = link;
      const isBack = await this.db.prisma.identity.count({ where: { provider, providerUserId } });
      if (isBack) continue;
      await this.tell(link).catch((error: unknown) => {
        this.log.warn({ err: error, provider }, 'a link that is owed to its provider is still not ended');
        left.push(link);
      });
    }
    if (left.length === 0) return null;
    return { providers: left.map(({ provider }) => provider), owed: this.sealed(left) };
  }

  private sealed(links: readonly OwedLink[]): Uint8Array<ArrayBuffer> {
    return seal(JSON.stringify(links), this.config.encryptionKey!);
  }

  private owedLink({ provider, providerUserId, clientId, refreshTokenSealed }: Identity): OwedLink {
    const token = refreshTokenSealed && unsealByAny(refreshTokenSealed, keysOf(this.config));
    return { provider, providerUserId, clientId, token };
  }

  private async tell({ provider, providerUserId, clientId, token }: OwedLink): Promise<void> {
    if (provider === 'kakao') return this.providers.kakao.unlink(providerUserId);
    if (!token) return this.log.warn({ provider }, 'a link without a token cannot be revoked');
    if (provider === 'naver') return this.providers.naver.revoke(token);
    return this.providers.apple.revoke(token, clientId!);
  }
}
