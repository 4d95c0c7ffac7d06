import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/** What the decorators of a route, or else of its controller, say under a key. */
type Noted = <T>(key: string | symbol) => T | undefined;

/** What a guard wants to know of a route, read from its decorators at the first request. */
export class RouteFacts<Facts> {
  private readonly known = new WeakMap<object, Map<object, Facts>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly read: (noted: Noted) => Facts,
  ) {}

  of(context: ExecutionContext): Facts {
    const [controller, handler] = [context.getClass(), context.getHandler()];
    const known = this.known.get(controller)?.get(handler);
    if (known) return known;
    const facts = this.read((key) => this.reflector.getAllAndOverride(key, [handler, controller]));
    const ofController = this.known.get(controller) ?? new Map<object, Facts>();
    this.known.set(controller, ofController.set(handler, facts));
    return facts;
  }
}
