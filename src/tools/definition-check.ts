// What is said about a tool has to be of the shape that is read: a word that nobody reads would be a promise that nobody
// keeps.

import { inspect } from 'node:util'
import { AndonError } from '../core/errors.ts'
import type { CodeDefinition, ClosureDefinition, RemoteDefinition, ToolDefinition } from './definition.ts'
import { nearestNames } from './names.ts'
import type { ToolLimits, ToolTraits } from './tool.ts'

type Known = Readonly<Record<keyof CodeDefinition | keyof ClosureDefinition | keyof RemoteDefinition, Shape>>

/** How a value has to be, and an example of it; `any` is checked elsewhere. */
type Shape = 'any' | { is: (value: unknown) => boolean; write: string }

const text = (write: string): Shape => ({ is: (value) => typeof value === 'string', write })
const flag = (write: string): Shape => ({ is: (value) => typeof value === 'boolean', write })
const oneOf = (...words: string[]): Shape => ({
  is: (value) => words.includes(value as string),
  write: words.map((word) => `'${word}'`).join(' or '),
})

const shapes: Known = {
  name: 'any',
  namespace: 'any',
  title: text("'Adds numbers'"),
  description: 'any',
  input: 'any',
  output: 'any',
  traits: { is: isRecord, write: '{ destructive: true }' },
  limits: { is: isRecord, write: '{ timeoutMs: 5_000 }' },
  tags: { is: (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'), write: "['shop']" },
  mode: oneOf('process', 'thread', 'inline', 'auto'),
  trust: oneOf('trusted', 'untrusted'),
  enabled: flag('true or false'),
  deferred: flag('true or false'),
  module: 'any',
  export: 'any',
  method: 'any',
  construct: 'any',
  state: oneOf('stateless', 'affine', 'host'),
  run: 'any',
  source: 'any',
}

const traits: Readonly<Record<keyof ToolTraits, Shape>> = {
  readOnly: flag('true or false'),
  idempotent: flag('true or false'),
  pure: flag('true or false'),
  destructive: flag('true or false'),
  network: flag('true or false'),
}

const limits: Readonly<Record<keyof ToolLimits, Shape>> = {
  timeoutMs: 'any',
  graceMs: 'any',
  memoryMb: 'any',
  cpuMs: 'any',
  outputBytes: 'any',
  truncate: {
    is: (value) =>
      isRecord(value) && 'bytes' in value && (!('keep' in value) || isKept(value.keep)) && only(value, 'bytes', 'keep'),
    write: "{ bytes: 10_000, keep: 'both' }",
  },
  concurrency: 'any',
  perSecond: 'any',
  exclusive: {
    is: (value) =>
      isRecord(value) &&
      Object.keys(value).length === 1 &&
      Object.entries(value).every(([key, said]) => /^(?:key|argument)$/.test(key) && typeof said === 'string'),
    write: "{ argument: 'id' } or { key: 'all' }",
  },
  retries: 'any',
}

/** Throws `invalid` for what is unknown or of another shape, with what to write instead. `name` is the tool's. */
export function checkDefinition(name: string, definition: ToolDefinition): void {
  check(`the tool ${name}`, definition, shapes)
  if (definition.traits) check(`\`traits\` of the tool ${name}`, definition.traits, traits)
  if (definition.limits) check(`\`limits\` of the tool ${name}`, definition.limits, limits)
}

function check(where: string, given: object, known: Readonly<Record<string, Shape>>): void {
  for (const [key, value] of Object.entries(given)) {
    const shape = Object.hasOwn(known, key) ? known[key] : undefined
    if (shape === undefined) {
      const near = nearestNames(key, Object.keys(known))
      const there = near.length > 0 ? near : Object.keys(known)
      throw new AndonError('invalid', `There is no \`${key}\` in ${where}: there is ${there.join(', ')}`)
    }
    if (value === undefined || shape === 'any' || shape.is(value)) continue
    throw new AndonError('invalid', `\`${key}\` in ${where} is ${inWords(value)}: write ${key}: ${shape.write}`)
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isKept(value: unknown): boolean {
  return value === undefined || value === 'beginning' || value === 'both'
}

function only(value: object, ...keys: string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key))
}

function inWords(value: unknown): string {
  const said = typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, depth: 1 })
  return said.length > 80 ? `${said.slice(0, 80)}…` : said
}
