import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Handles, Reacts } from '../../platform/queue/job.js';
import { lastLoginGone } from '../auth/index.js';
import { hasLocationConsent, locationConsentWithdrawn } from '../users/index.js';
import { ageOut, eraseAccount, eraseLeavers } from './accounts.jobs.js';
import { Erasures } from './erasures.service.js';
import { Leavings } from './leaving.service.js';
import { LocationData } from './location-data.service.js';
import { deleteAged } from './retention.js';

interface OfUser {
  userId: string;
}

@Injectable()
export class AccountHandlers {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly leavings: Leavings,
    private readonly erasures: Erasures,
    private readonly locationData: LocationData,
  ) {}

  @Handles(eraseLeavers)
  eraseLeavers(): Promise<void> {
    return this.erasures.beginDue();
  }

  @Handles(eraseAccount)
  erase({ erasureId }: { erasureId: string }): Promise<void> {
    return this.erasures.run(erasureId);
  }

  @Handles(ageOut)
  ageOut(): Promise<void> {
    return deleteAged(this.db, this.clock.now());
  }

  @Reacts('accounts', lastLoginGone)
  leaveFor({ userId }: OfUser): Promise<void> {
    return this.leavings.leaveFor(userId);
  }

  /** Whoever agreed again meanwhile keeps it. */
  @Reacts('accounts', locationConsentWithdrawn)
  async forgetLocations({ userId }: OfUser): Promise<void> {
    if (await hasLocationConsent(this.db, userId)) return;
    await this.locationData.endRecording(userId);
    await this.locationData.erase(userId);
  }
}
