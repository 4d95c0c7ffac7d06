import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Handles } from '../../../platform/queue/job.js';
import { Confirmations } from './confirmations.service.js';
import { settleTossOrder } from './orders.jobs.js';
import { Refunds } from './refunds.service.js';

@Injectable()
export class OrdersHandlers {
  constructor(
    private readonly db: Database,
    private readonly confirmations: Confirmations,
    private readonly refunds: Refunds,
  ) {}

  @Handles(settleTossOrder)
  async settleTossOrder({ orderId: id }: { orderId: string }): Promise<void> {
    const order = await this.db.prisma.tossOrder.findUnique({ where: { id } });
    if (order?.state === 'open' && order.kind === 'one_off') await this.confirmations.settle(order);
    if (order?.state === 'paid' && order.refundingKrw !== null) await this.refunds.settle(order);
  }
}
