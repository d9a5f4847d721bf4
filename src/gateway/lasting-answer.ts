// An answer that goes on when its reader leaves: it keeps the request's place in its lane until its own end.

import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/factory.ts'
import type { Door, Permit } from './door.ts'

/** Behind every event: only the end of the answer is waited for. */
const behindAll = Number.MAX_SAFE_INTEGER

/** Holds the place of a request until an answer has ended. Never throws: how it ended is told to those who follow it. */
export async function holdPlace(door: Door, request: FastifyRequest, answerId: string, caller: Caller): Promise<void> {
  await keepPlace(door, request.takePermit(), answerId, caller)
}

/** The same for a place that is in one's own hands. */
export async function keepPlace(
  { factory }: Pick<Door, 'factory'>,
  permit: Permit,
  answerId: string,
  caller: Caller,
): Promise<void> {
  using _place = permit
  const { signal: _, ...lasting } = caller
  try {
    for await (const _event of factory.follow(answerId, { after: behindAll }, lasting));
  } catch {
    // It has ended, and badly: that is not this reader's to tell.
  }
}
