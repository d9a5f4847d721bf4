// Reads the body of a request as JSON, and refuses what is none, or what tries to reach into the prototypes of objects.

import type { App } from './door.ts'
import { AndonError } from '../core/errors.ts'

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
  if (hasPrototypeKey(value))
    throw new AndonError('invalid', 'The body has the key __proto__, which is not taken. Call it something else.')
  return value
}

/** Looks through the whole value, however deep it is. */
function hasPrototypeKey(value: unknown): boolean {
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if (Object.hasOwn(next, '__proto__')) return true
    for (const part of Object.values(next)) if (typeof part === 'object' && part !== null) waiting.push(part)
  }
  return false
}
