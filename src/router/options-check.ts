// What a router is given, looked at when it is opened: a name that is not known and a value of another kind are refused
// there, and not when the first request meets them.

import { AndonError } from '../core/errors.ts'
import type { RouterOptions } from './router-options.ts'

/** What a value must be, in words, and whether it is. */
type Kind = readonly [words: string, is: (value: unknown) => boolean]

const list: Kind = ['a list', Array.isArray]
const names: Kind = [
  'a list of names of models',
  (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
]
const text: Kind = ['a text', (value) => typeof value === 'string' && value !== '']
const duration: Kind = ['a number of milliseconds above 0', (value) => typeof value === 'number' && value > 0]
const count: Kind = ['a whole number, at least 1', (value) => Number.isInteger(value) && Number(value) >= 1]
const object: Kind = ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)]

const kinds: Readonly<Record<keyof RouterOptions, Kind>> = {
  endpoints: list,
  discover: list,
  fallback: names,
  lastResort: ['a chat model', (value) => object[1](value) && typeof Reflect.get(Object(value), 'chat') === 'function'],
  budgetMs: duration,
  region: text,
  attempts: count,
  retries: object,
  hedge: object,
  budgets: object,
  spendingStore: object,
  engines: object,
  settingNames: object,
  scheduling: object,
}

/** Throws `invalid` for options that no router can be made of. What endpoints say is looked at with them. */
export function checkOptions(options: RouterOptions): void {
  if (!object[1](options))
    throw new AndonError('invalid', 'A router takes one object of options, such as { endpoints }')
  for (const [name, value] of Object.entries(options)) {
    if (!isKnown(name))
      throw new AndonError(
        'invalid',
        `${JSON.stringify(name)} is no option of a router: it takes ${Object.keys(kinds).join(', ')}`,
      )
    const [words, is] = kinds[name]
    if (value === undefined || is(value)) continue
    throw new AndonError('invalid', `The option ${name} of the router is ${kindOf(value)}: it must be ${words}`)
  }
}

function isKnown(name: string): name is keyof RouterOptions {
  return Object.hasOwn(kinds, name)
}

/** Shown without its content, in which there may be keys. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string' ? 'a text' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
