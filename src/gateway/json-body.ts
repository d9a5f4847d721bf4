// Reads the body of a request as JSON, and refuses what is none, or what tries to reach into the prototypes of objects.

import type { App } from './door.ts'
import { AndonError } from '../core/errors.ts'

/** Levels of objects and lists in a body. What is much deeper cannot be written as JSON again without running out of stack. */
const mostLevels = 500

/** Replaces Fastify's reader of JSON: that one tells a forbidden key and a missing comma with the same words. */
export function addJsonBody(app: App): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: unknown, body: string | Buffer) => parsed(body.toString()),
  )
}

function parsed(body: string): unknown {
  if (body.trim() === '') throw new AndonError('invalid', 'The body is empty. Send a JSON object.')
  let value: unknown
  try {
    value = JSON.parse(body.replace(/^\uFEFF/, ''))
  } catch (reason) {
    throw new AndonError('invalid', 'The body is not valid JSON. Check its quotes and commas.', { cause: reason })
  }
  mustBeOrdinary(value)
  return value
}

/** Looks through the whole value, however deep it is; whatever is done with it later may go into it level by level. */
function mustBeOrdinary(whole: unknown): void {
  let level = [whole]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostLevels)
      throw new AndonError('invalid', `The body is nested more than ${mostLevels} levels deep. Send it flatter.`)
    const below: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      if (Object.hasOwn(value, '__proto__'))
        throw new AndonError('invalid', 'The body has the key __proto__, which is not taken. Call it something else.')
      for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) below.push(part)
    }
    level = below
  }
}
