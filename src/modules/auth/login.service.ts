import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import type { Viewer } from '../../platform/auth/viewer.js';
import {
  accountBeingErased,
  createUser,
  deletionScheduledAt,
  isBeingErased,
  lockUser,
} from '../users/index.js';
import { identityAlreadyLinked } from './auth.errors.js';
import type { AppleLogin, KakaoLogin, LoginResult, NaverLogin } from './auth.schemas.js';
import { link, lockIdentity, ownerOf } from './identities.js';
import { cleanNickname, friendlyNickname } from './nickname.js';
import { issueNonce, spendNonce } from './nonces.js';
import type { ProvenAccount } from './providers/proof.js';
import { Providers } from './providers/providers.js';
import { Sessions } from './sessions.service.js';

/**
 * Login and linking. The provider is asked first, outside of any transaction; then everything is written in
 * one, so that a failed login leaves nothing behind.
 */
@Injectable()
export class Login {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    private readonly providers: Providers,
    private readonly sessions: Sessions,
  ) {}

  issueNonce() {
    return issueNonce(this.db, this.clock.now());
  }

  async withKakao(login: KakaoLogin): Promise<LoginResult> {
    return this.enter(await this.providers.kakao.prove(login), login.deviceName);
  }

  async withNaver(login: NaverLogin): Promise<LoginResult> {
    return this.enter(await this.providers.naver.prove(login), login.deviceName);
  }

  async withApple(login: AppleLogin): Promise<LoginResult> {
    return this.enter(await this.providers.apple.prove(login), login.deviceName);
  }

  async linkKakao(viewer: Viewer, login: KakaoLogin) {
    return this.linkTo(viewer, await this.providers.kakao.prove(login));
  }

  async linkNaver(viewer: Viewer, login: NaverLogin) {
    return this.linkTo(viewer, await this.providers.naver.prove(login));
  }

  async linkApple(viewer: Viewer, login: AppleLogin) {
    return this.linkTo(viewer, await this.providers.apple.prove(login));
  }

  /**
   * Suspended users and those who asked for deletion may enter: to export, to restore. What they may do is judged
   * elsewhere.
   * @throws account-being-erased
   */
  private enter(account: ProvenAccount, deviceName: string | undefined): Promise<LoginResult> {
    const now = this.clock.now();
    return this.db.transaction(async (tx) => {
      await this.accept(tx, account, now);
      const known = await ownerOf(tx, account);
      if (known) await lockUser(tx, known.id);
      if (known && (await isBeingErased(tx, known.id))) throw accountBeingErased();
      const { deletionRequestedAt, ...user } = known ?? (await newUser(tx, account, now));
      await link(tx, account, { userId: user.id, now, encryptionKey: this.config.encryptionKey! });
      const tokens = await this.sessions.open(tx, user.id, { deviceName, now });
      return {
        ...tokens,
        isNewUser: !known,
        user,
        deletionScheduledAt: deletionScheduledAt(deletionRequestedAt),
      };
    });
  }

  /** @throws identity-already-linked */
  private linkTo({ userId }: Viewer, account: ProvenAccount) {
    const now = this.clock.now();
    return this.db.transaction(async (tx) => {
      await this.accept(tx, account, now);
      const owner = await ownerOf(tx, account);
      if (owner && owner.id !== userId) throw identityAlreadyLinked();
      await lockUser(tx, userId);
      await link(tx, account, { userId, now, encryptionKey: this.config.encryptionKey! });
      return { provider: account.provider, linkedAt: now };
    });
  }

  /** @throws login-rejected */
  private async accept(tx: Transaction, account: ProvenAccount, now: Date): Promise<void> {
    if (account.nonce) await spendNonce(tx, account.nonce, now);
    await lockIdentity(tx, account);
  }
}

async function newUser(tx: Transaction, account: ProvenAccount, now: Date) {
  const nickname = cleanNickname(account.nickname) ?? friendlyNickname();
  return { ...(await createUser(tx, { nickname, now })), nickname, deletionRequestedAt: null };
}
