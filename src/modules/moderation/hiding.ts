import { Injectable } from '@nestjs/common';
import type { ReportTarget } from '../../generated/prisma/enums.js';
import type { Transaction } from '../../platform/database/database.js';
import { Meetups } from '../meetups/index.js';
import { Photos } from '../photos/index.js';
import { Comments } from '../social/index.js';
import { Walks } from '../walks/index.js';

interface Hideable {
  hide(tx: Transaction, id: string): Promise<boolean>;
  unhide(tx: Transaction, id: string): Promise<boolean>;
}

/** Each module hides what is its own. A profile is not hidden: its owner is suspended. */
@Injectable()
export class Hiding {
  private readonly things: Readonly<Record<ReportTarget, Hideable | null>>;

  constructor(walks: Walks, comments: Comments, meetups: Meetups, photos: Photos) {
    this.things = { user: null, walk: walks, comment: comments, meetup: meetups, photo: photos };
  }

  /** @returns false when there is nothing to hide, or to show again */
  async change(tx: Transaction, to: 'hide' | 'unhide', kind: ReportTarget, id: string): Promise<boolean> {
    return (await this.things[kind]?.[to](tx, id)) ?? false;
  }
}
