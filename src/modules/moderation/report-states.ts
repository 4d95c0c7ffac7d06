import type { ReportState } from '../../generated/prisma/enums.js';
import { defineTransitions } from '../../platform/rules/transitions.js';

/** A decision is taken back by dismissing what it was about. */
export const reportTransitions = defineTransitions<ReportState>('open', {
  open: ['dismissed', 'actioned'],
  actioned: ['dismissed'],
  dismissed: [],
});

export type ReportAction = 'dismiss' | 'hide' | 'unhide' | 'warn' | 'suspend';

interface Step {
  from: ReportState;
  to: ReportState;
}

/** What each act does with the report. */
export const STEPS: Readonly<Record<ReportAction, Step>> = {
  dismiss: { from: 'open', to: 'dismissed' },
  hide: { from: 'open', to: 'actioned' },
  warn: { from: 'open', to: 'actioned' },
  suspend: { from: 'open', to: 'actioned' },
  unhide: { from: 'actioned', to: 'dismissed' },
};

for (const [action, { from, to }] of Object.entries(STEPS)) {
  if (!reportTransitions[from].includes(to))
    throw new Error(`${action}: no report goes from ${from} to ${to}`);
}
