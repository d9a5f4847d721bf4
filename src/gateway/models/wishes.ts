// What a caller may wish for a request, by headers: how urgent it is, how long it may take, and where it comes from.

import type { IncomingHttpHeaders } from 'node:http'
import { AndonError } from '../../core/errors.ts'

export interface Wishes {
  /** 0 goes first. */
  priority?: number
  /** Milliseconds for all of it: queue, attempts and answer. */
  budgetMs?: number
  region?: string
}

const words = new Map([
  ['high', 0],
  ['normal', 1],
  ['low', 2],
])

/** Reads `x-andon-priority` (high, normal, low, or 0 to 9), `x-request-deadline-ms` and `x-andon-region`. Throws `invalid`. */
export function wishesOf(headers: IncomingHttpHeaders): Wishes {
  const wishes: Wishes = {}
  const priority = headers['x-andon-priority']
  if (typeof priority === 'string') {
    const word = priority.trim().toLowerCase()
    const level = words.get(word) ?? (/^\d$/.test(word) ? Number(word) : undefined)
    if (level === undefined)
      throw wrong('x-andon-priority', priority, 'high, normal, low, or a digit, of which 0 goes first')
    wishes.priority = level
  }
  const deadline = headers['x-request-deadline-ms']
  if (typeof deadline === 'string') {
    const ms = /^\d{1,9}$/.test(deadline.trim()) ? Number(deadline) : 0
    if (ms === 0) throw wrong('x-request-deadline-ms', deadline, 'a whole number of milliseconds from now, at least 1')
    wishes.budgetMs = ms
  }
  const region = headers['x-andon-region']
  if (typeof region === 'string' && region !== '') wishes.region = region.slice(0, 100)
  return wishes
}

function wrong(name: string, value: string, expected: string): AndonError {
  return new AndonError(
    'invalid',
    `The header ${name} is ${JSON.stringify(value.slice(0, 100))}: it must be ${expected}.`,
  )
}
