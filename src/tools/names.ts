// Names of tools: unique in a registry, and accepted by every provider of models.

import { createHash } from 'node:crypto'
import { AndonError } from '../core/errors.ts'

const allowed = /^[A-Za-z0-9_-]+$/
const longest = 64

/** `namespace-name`, or the name alone. Fails with `invalid` when a provider would refuse it. */
export function toolName(name: string, namespace?: string): string {
  if (namespace !== undefined) checkWord('namespace', namespace)
  checkWord('name', name)
  const full = namespace === undefined ? name : `${namespace}-${name}`
  if (full.length > longest) {
    throw new AndonError(
      'invalid',
      `The tool name ${full} has ${full.length} characters: providers take at most ${longest}; give a shorter name or namespace`,
    )
  }
  return full
}

function checkWord(what: 'name' | 'namespace', word: unknown): void {
  if (typeof word === 'string' && allowed.test(word)) return
  const shown = JSON.stringify(word) ?? 'that is missing'
  const better = typeof word === 'string' ? word.replaceAll(/[^A-Za-z0-9_-]+/g, '_') : ''
  throw new AndonError(
    'invalid',
    `The tool ${what} ${shown.slice(0, 100)} is not made of letters, digits, _ and - alone: ` +
      (/[A-Za-z0-9]/.test(better) ? `call it ${better.slice(0, longest)}` : 'give it one'),
  )
}

/** At most three of the names, those that share most pairs of letters with a name that is not there. */
export function nearestNames(name: string, names: readonly string[]): string[] {
  const wanted = pairs(name)
  return names
    .map((each) => ({ each, shared: likeness(wanted, pairs(each)) }))
    .filter(({ shared }) => shared > 0.3)
    .sort((one, other) => other.shared - one.shared)
    .slice(0, 3)
    .map(({ each }) => each)
}

function pairs(word: string): Set<string> {
  const folded = word.toLowerCase().slice(0, longest)
  return new Set(Array.from({ length: Math.max(0, folded.length - 1) }, (_, at) => folded.slice(at, at + 2)))
}

/** From 0 to 1 (Dice). */
function likeness(one: Set<string>, other: Set<string>): number {
  return one.size + other.size === 0 ? 0 : (2 * one.intersection(other).size) / (one.size + other.size)
}

/** A name that providers take, made of any other; a long one is cut, and ends with what tells it from others. */
export function fittingName(said: string, namespace?: string): string {
  const name = said.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'tool'
  const most = longest - (namespace === undefined ? 0 : namespace.length + 1)
  if (name.length <= most || most < 16) return name
  return `${name.slice(0, most - 7)}_${createHash('sha256').update(said).digest('hex').slice(0, 6)}`
}
