import type { ConsentKind } from '../../generated/prisma/enums.js';

/** What nobody uses the service without; the app asks for each on its own (개인정보보호법 제22조, 위치정보법 제18조). */
export const REQUIRED_CONSENTS = ['terms', 'privacy', 'location'] as const satisfies readonly ConsentKind[];
export type RequiredConsent = (typeof REQUIRED_CONSENTS)[number];

/** The texts in force, by the day since when. A new day here makes the app ask everybody again. */
export const VERSION_IN_FORCE: Record<RequiredConsent, string> = {
  terms: '2026-11-01',
  privacy: '2026-11-01',
  location: '2026-11-01',
};

/** @param newest what each kind was last answered */
export const consentsNeeded = (
  newest: readonly { kind: ConsentKind; version: string; granted: boolean }[],
  inForce: Record<RequiredConsent, string> = VERSION_IN_FORCE,
): RequiredConsent[] =>
  REQUIRED_CONSENTS.filter(
    (kind) => !newest.some((said) => said.kind === kind && said.granted && said.version >= inForce[kind]),
  );
