import { ageOut, eraseLeavers } from './modules/accounts/index.js';
import { purgeExpiredLogins } from './modules/auth/index.js';
import { tellSeasonDeadlines } from './modules/badges/index.js';
import { passTime } from './modules/entitlement/index.js';
import { expireInvitations } from './modules/invitations/index.js';
import { closeBegunMeetups } from './modules/meetups/index.js';
import {
  chargeDue,
  checkLedger,
  deleteLeftCards,
  purgeStoreEvents,
  reconcileApple,
  reconcileGoogle,
  reconcileToss,
  tellCharges,
  tellPriceRaises,
  watchGoogleAcknowledgements,
  watchInbox,
} from './modules/payments/index.js';
import { syncPlaces } from './modules/places/index.js';
import { deleteOrphanFiles, forgetUploads } from './modules/photos/index.js';
import { refreshRankings } from './modules/rankings/index.js';
import { makeRecommendations } from './modules/recommendations/index.js';
import { remindOfWalks } from './modules/reminders/index.js';
import { closeRooms } from './modules/together/index.js';
import { purgeShares } from './modules/shares/index.js';
import { giveMonthlyShields, reconcileTotals } from './modules/totals/index.js';
import { purgeNotifications, releaseHeldNotifications } from './modules/notifications/index.js';
import { abandonSilentWalks, purgeRawPoints, settleAwaitingWalks } from './modules/walks/index.js';
import { forgetWeather, refreshWeather, syncAirStations } from './modules/weather/index.js';
import { takeBackup } from './platform/backup/backup.module.js';
import { reseal } from './platform/crypto/resealing.js';
import { purgeIdempotencyKeys } from './platform/http/idempotency.js';
import type { ScheduleEntry } from './platform/queue/schedule.js';
import { deleteFiles } from './platform/storage/file-deletions.js';

/** Everything that happens by itself, in Korean time. */
export const schedule: readonly ScheduleEntry[] = [
  { job: abandonSilentWalks, cron: '*/10 * * * *' },
  { job: expireInvitations, cron: '*/5 * * * *' },
  { job: closeBegunMeetups, cron: '*/5 * * * *' },
  { job: passTime, cron: '*/5 * * * *' },
  { job: closeRooms, cron: '*/5 * * * *' },
  { job: deleteFiles, cron: '*/5 * * * *' },
  { job: forgetUploads, cron: '*/5 * * * *' },
  { job: settleAwaitingWalks, cron: '5 * * * *' },
  // Not on the hour: what was completed until a period's closing is in the totals by then.
  { job: refreshRankings, cron: '5 * * * *' },
  { job: giveMonthlyShields, cron: '10 0 1 * *' },
  { job: makeRecommendations, cron: '15 5,17 * * *' },
  // Before whatever purges.
  { job: takeBackup, cron: '0 2 * * *' },
  { job: eraseLeavers, cron: '10 2 * * *' },
  { job: ageOut, cron: '20 2 * * *' },
  { job: reseal, cron: '30 2 * * *' },
  { job: syncPlaces, cron: '40 2 * * *' },
  { job: reconcileApple, cron: '10 3 * * *' },
  { job: reconcileGoogle, cron: '20 3 * * *' },
  { job: reconcileToss, cron: '30 3 * * *' },
  { job: reconcileTotals, cron: '30 3 * * *' },
  { job: checkLedger, cron: '50 3 * * *' },
  { job: purgeRawPoints, cron: '0 4 * * *' },
  { job: purgeExpiredLogins, cron: '20 4 * * *' },
  { job: purgeShares, cron: '0 5 * * *' },
  { job: deleteOrphanFiles, cron: '30 4 * * *' },
  { job: watchInbox, cron: '*/15 * * * *' },
  { job: releaseHeldNotifications, cron: '0 8 * * *' },
  { job: purgeNotifications, cron: '50 4 * * *' },
  { job: purgeStoreEvents, cron: '10 5 * * *' },
  { job: watchGoogleAcknowledgements, cron: '25 * * * *' },
  // When KMA's nowcast is there, and when its ultra-short forecast is.
  { job: refreshWeather, cron: '13,48 * * * *' },
  { job: syncAirStations, cron: '5 4 * * 1' },
  { job: forgetWeather, cron: '35 4 * * *' },
  { job: purgeIdempotencyKeys, cron: '40 * * * *' },
  { job: remindOfWalks, cron: '0 8-20 * * *' },
  { job: tellSeasonDeadlines, cron: '0 10 * * *' },
  { job: chargeDue, cron: '10 * * * *' },
  { job: tellCharges, cron: '0 10 * * *' },
  { job: tellPriceRaises, cron: '20 3 * * *' },
  { job: deleteLeftCards, cron: '40 3 * * *' },
];
