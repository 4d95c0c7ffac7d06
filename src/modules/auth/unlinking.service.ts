import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { Identity } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { keysOf, unsealByAny } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { failpoint } from '../../platform/failpoint.js';
import { Providers } from './providers/providers.js';

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
    await this.tell(identity);
    failpoint('erasure.provider-told');
    await this.db.prisma.identity.update({
      where: { id: identity.id },
      data: { unlinkedAt: this.clock.now(), refreshTokenSealed: null },
    });
  }

  private async tell({ provider, providerUserId, clientId, refreshTokenSealed }: Identity): Promise<void> {
    if (provider === 'kakao') return this.providers.kakao.unlink(providerUserId);
    if (!refreshTokenSealed) return this.log.warn({ provider }, 'a link without a token cannot be revoked');
    const token = unsealByAny(refreshTokenSealed, keysOf(this.config));
    if (provider === 'naver') return this.providers.naver.revoke(token);
    return this.providers.apple.revoke(token, clientId!);
  }
}
