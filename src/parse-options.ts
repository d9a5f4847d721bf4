// Whether options are right, and if not, all that is wrong with them in sentences that say what to write instead.

import { AndonError } from './core/errors.ts'
import { namesAt, optionPaths } from './option-descriptions.ts'
import { optionsSchema, type Options } from './options.ts'
import { nearest } from './text/nearest.ts'

/**
 * Checks options and fills in the defaults. `originOf` says where the value of a key path (`loading.memoryMb`) came
 * from. Throws one AndonError `invalid` that names every wrong key, its value, its origin and what is expected.
 */
export function parseOptions(given: unknown, originOf: (path: string) => string = () => 'the options'): Options {
  const parsed = optionsSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], originOf))
    const name = path.join('.')
    if (name === '') return [`${originOf('')} must be an object of options, like { port: 8642 }.`]
    return [`${name} is ${show(name, valueAt(given, path))} in ${originOf(name)}: ${expectation(issue.message)}.`]
  })
  throw new AndonError('invalid', problems.join('\n'), { detail: { problems } })
}

function unknownKey(path: string[], originOf: (path: string) => string): string {
  const name = path.join('.')
  if (path.some((key) => /^\d+$/.test(key))) {
    const there = namesAt(path.slice(0, -1))
    const meant = nearest(path.at(-1) ?? name, there)
    const advice = meant === undefined ? `Known are ${there.join(', ')}.` : `Did you mean ${meant}?`
    return `${name} in ${originOf(name)} is nothing that stands in that list. ${advice}`
  }
  const known = optionPaths()
  const group = path.length > 1 ? `${path.slice(0, -1).join('.')}.` : ''
  const last = path.at(-1) ?? name
  // First a slip of the finger on the same level, then a key that was put on the wrong level.
  const guess = nearestPath(name, known) ?? known.find((candidate) => candidate.split('.').at(-1) === last)
  const inGroup = group === '' ? [] : known.filter((candidate) => candidate.startsWith(group))
  const advice =
    guess === undefined
      ? `Known are ${(inGroup.length > 0 ? inGroup : groupsOf(known)).join(', ')}.`
      : `Did you mean ${guess}?`
  return `${name} in ${originOf(name)} is no option of Andon. ${advice}`
}

/** The names on the first level, in order. */
function groupsOf(known: readonly string[]): string[] {
  return [...new Set(known.map((path) => path.split('.')[0] ?? path))]
}

/** The option that a wrong path most likely meant: near in what is its own, not only in what it has in common with others. */
function nearestPath(path: string, known: readonly string[]): string | undefined {
  const guess = nearest(path, known)
  if (guess === undefined) return undefined
  let same = 0
  while (same < path.length && path[same] === guess[same]) same++
  const from = path.slice(0, same).lastIndexOf('.') + 1
  return nearest(path.slice(from), [guess.slice(from)]) === undefined ? undefined : guess
}

function expectation(message: string): string {
  if (message.startsWith('it must')) return message
  return message
    .replace(/^Invalid input: expected int, received .*$/, 'it must be a whole number')
    .replace(/^Invalid input: expected nonoptional, received undefined$/, 'it must be set')
    .replace(/^Invalid input: expected (\w+), received undefined$/, 'it must be set, as a $1')
    .replace(/^Invalid input: expected (\w+), received (\w+)$/, 'it must be of type $1, not $2')
    .replace(
      /^Invalid option: expected one of (.*)$/,
      (_, choices: string) => `it must be one of ${choices.replaceAll('|', ', ')}`,
    )
    .replace(/^Too small: expected \w+ to be >=(\S+)$/, 'it must be at least $1')
    .replace(/^Too small: expected string to have >=1 characters$/, 'it must not be empty')
    .replace(/^Too big: expected \w+ to be <=(\S+)$/, 'it must be at most $1')
}

function valueAt(value: unknown, path: string[]): unknown {
  let here = value
  for (const key of path) here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  return here
}

function show(path: string, value: unknown): string {
  if (value === undefined) return 'missing'
  if (path.endsWith('apiKey')) return 'set to something that is not a key'
  if (/^tools\.(openapi|mcp)\.\d+\.(auth|headers|env|args)/.test(path)) return 'something else'
  const text = (JSON.stringify(value, withoutSecrets) ?? typeof value).replace(/\/\/[^/@\s"]+@/g, '//(set)@')
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/** A list or table is shown without what could be a secret in it. */
function withoutSecrets(key: string, value: unknown): unknown {
  return /^(apiKey|auth|headers|env|args)$/.test(key) ? '(set)' : value
}
