// An answer that goes on when its reader leaves: it keeps the request's place in its lane until its own end.

import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/factory.ts'
import type { Door } from './door.ts'

/** Holds the place of a request until an answer has ended. Never throws: how it ended is told to those who follow it. */
export async function holdPlace(door: Door, request: FastifyRequest, answerId: string, caller: Caller): Promise<void> {
  using _place = request.takePermit()
  const { signal: _, ...lasting } = caller
  try {
    for await (const _event of door.factory.follow(answerId, {}, lasting));
  } catch {
    // It has ended, and badly: that is not this reader's to tell.
  }
}
