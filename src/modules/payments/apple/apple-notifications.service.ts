import { NotificationTypeV2, type ResponseBodyV2DecodedPayload } from '@apple/app-store-server-library';
import { Injectable, Logger } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { Database } from '../../../platform/database/database.js';
import { Subscriptions } from '../../entitlement/index.js';
import type { StoreEventProcessor } from '../inbox/inbox.handlers.js';
import { StoreEvents } from '../inbox/store-events.service.js';
import { webhookRefused } from '../payments.errors.js';
import type { WebhookReceived } from '../payments.schemas.js';
import { AppleSales } from './apple-sales.service.js';
import { AppleVerifier, NotAuthentic } from './apple-verifier.js';

const KNOWN_TYPES: ReadonlySet<string | undefined> = new Set(Object.values(NotificationTypeV2));
/** With these a former period ends early, which only the history of the subscription tells. */
const UPGRADE = 'UPGRADE';

/** App Store Server Notifications V2; PROVIDERS.md §4. */
@Injectable()
export class AppleNotifications implements StoreEventProcessor {
  private readonly log = new Logger(AppleNotifications.name);

  constructor(
    private readonly db: Database,
    private readonly inbox: StoreEvents,
    private readonly verifier: AppleVerifier,
    private readonly sales: AppleSales,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** @throws webhook-refused, provider-unavailable, provider-not-configured */
  async receive(signedPayload: string): Promise<WebhookReceived> {
    try {
      await this.keep(signedPayload, { arriving: true });
      return { received: true };
    } catch (error) {
      if (!(error instanceof NotAuthentic)) throw error;
      this.log.warn({ reason: error.reason }, 'a notification that Apple did not sign for us was refused');
      throw webhookRefused();
    }
  }

  /** @returns false when it was here already. @throws NotAuthentic, provider-unavailable */
  async keep(signedPayload: string, { arriving = false } = {}): Promise<boolean> {
    const { payload, environment } = await this.verifier.notification(signedPayload, { arriving });
    const { notificationUUID: eventKey, notificationType, subtype } = payload;
    if (!eventKey) throw new NotAuthentic('NO_UUID');
    const kind = [notificationType, subtype].filter(Boolean).join('/');
    const isNew = await this.inbox.receive({
      ...{ store: 'apple', eventKey, kind, environment },
      body: signedPayload,
    });
    if (isNew && !KNOWN_TYPES.has(notificationType))
      this.log.error(
        { alarm: 'apple-unknown', kind },
        'Apple sends a notification of a type that we do not know',
      );
    return isNew;
  }

  /**
   * The type is of no account: what was signed with it are facts, and Apple's present state tells the rest. While it
   * cannot be asked, the notification's own facts hold, and the job is tried again.
   * @param body verified before it was stored
   * @throws OutboundError, AppStoreError
   */
  async process(body: string): Promise<void> {
    const { data, notificationType, subtype } = decodeJwt<ResponseBodyV2DecodedPayload>(body);
    if (!data?.signedTransactionInfo) return;
    const said = await this.sales.verified({
      status: data.status,
      signedTransaction: data.signedTransactionInfo,
      signedRenewal: data.signedRenewalInfo,
    });
    if (!said) {
      this.log.error(
        { alarm: 'apple-unknown', kind: notificationType },
        'Apple sold something that is no subscription of ours',
      );
      return;
    }
    const { sale, facts } = said;
    const learn = (all: typeof facts) => this.db.transaction((tx) => this.subscriptions.learn(tx, sale, all));
    let present: typeof facts;
    try {
      present = await this.sales.present(sale, { withHistory: subtype === UPGRADE });
    } catch (error) {
      await learn(facts);
      throw error;
    }
    await learn([...facts, ...present]);
  }
}
