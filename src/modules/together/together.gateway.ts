import { UseFilters } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { ProblemFilter } from '../../platform/http/problem.filter.js';
import { Handshake } from '../../platform/sockets/handshake.js';
import type { TogetherNamespace, TogetherSocket } from './live-socket.js';
import { Live } from './live.service.js';
import * as shapes from './together.schemas.js';

/** `docs/realtime.md` is its documentation. */
@UseFilters(ProblemFilter)
@WebSocketGateway({ namespace: '/walk-together' })
export class TogetherGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  constructor(
    private readonly handshake: Handshake,
    private readonly live: Live,
  ) {}

  afterInit(namespace: TogetherNamespace): void {
    namespace.use(this.handshake.middleware);
    this.live.open(namespace);
  }

  handleConnection(socket: TogetherSocket): void {
    this.live.connect(socket);
  }

  handleDisconnect(socket: TogetherSocket): void {
    this.live.disconnect(socket);
  }

  @SubscribeMessage('join')
  join(
    @ConnectedSocket() socket: TogetherSocket,
    @MessageBody({ schema: shapes.joinMessage }) message: shapes.JoinMessage,
  ) {
    return this.live.join(socket, message);
  }

  @SubscribeMessage('position')
  position(
    @ConnectedSocket() socket: TogetherSocket,
    @MessageBody({ schema: shapes.positionMessage }) message: shapes.PositionMessage,
  ) {
    this.live.move(socket, message);
  }

  @SubscribeMessage('leave')
  leave(
    @ConnectedSocket() socket: TogetherSocket,
    @MessageBody({ schema: shapes.leaveMessage }) message: shapes.LeaveMessage,
  ) {
    return this.live.leave(socket, message);
  }
}
