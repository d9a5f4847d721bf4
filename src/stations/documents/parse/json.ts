// JSON as lines of `path: value`, grouped by what stands at the top; JSON Lines as one block per record.

import { AndonError } from '../../../core/errors.ts'
import { PartBuilder } from './builder.ts'
import { addNotebook, isNotebook } from './notebook.ts'
import { readText } from './read-text.ts'
import type { Parser } from './parser.ts'

/** Deeper values are no document's. */
const maxDepth = 100
/** Lines per block: a large entry becomes several. */
const linesPerBlock = 60
/** A longer text stands as a paragraph of its own behind its path. */
const longText = 400

/** The parser for JSON files; comments are allowed. Jupyter notebooks are read as what they show. */
export const json: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const value = parseJson(await readText(source, builder, signal), source.name)
  if (isNotebook(value)) addNotebook(builder, value)
  else {
    const record = isRecord(value) ? value : {}
    for (const key of ['title', 'name', 'headline']) if (typeof record[key] === 'string') builder.title(record[key])
    for (const [path, entry] of topEntries(value)) {
      addEntry(builder, path, entry, source.name)
      if (!builder.full) continue
      yield builder.take()
      await new Promise(setImmediate)
      signal.throwIfAborted()
    }
  }
  yield builder.take()
}

/** The parser for files with one JSON value per line. A line that is none is left out with a warning. */
export const jsonl: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const text = await readText(source, builder, signal)
  const bad: number[] = []
  let good = 0
  let number = 0
  for (const line of text.split('\n')) {
    number++
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      bad.push(number)
      continue
    }
    good++
    addEntry(builder, '', value, `${source.name}, line ${number},`)
    if (!builder.full) continue
    yield builder.take()
    await new Promise(setImmediate)
    signal.throwIfAborted()
  }
  const some = bad.slice(0, 10).join(', ') + (bad.length > 10 ? ', …' : '')
  if (good === 0) throw new AndonError('invalid', `${source.name} has no line that is JSON: line ${some} is none.`)
  if (bad.length > 0)
    builder.warn(
      `${bad.length === 1 ? 'Line' : 'Lines'} ${some} of the file ${bad.length === 1 ? 'is' : 'are'} no JSON and left out.`,
    )
  yield builder.take()
}

/** Parses JSON; comments and trailing commas are forgiven. Throws `invalid` with the line. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    try {
      // Files with comments are written by hand.
      if (text.length > 1024 * 1024) throw error
      return JSON.parse(withoutComments(text))
    } catch {
      const message = error instanceof Error ? error.message : String(error)
      const at = positionOf(message, text)
      const line = text.slice(0, at).split('\n').length
      throw new AndonError(
        'invalid',
        `${name} is no valid JSON: line ${line}: ${message.replace(/ \(line.*$/, '').slice(0, 200)}. Correct it there.`,
        {
          cause: error,
        },
      )
    }
  }
}

/** Where the message of `JSON.parse` says that the fault is; of some faults it only shows the text around them. */
function positionOf(message: string, text: string): number {
  const position = /position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return Number(position)
  const [, token = '', cut = '', around = ''] =
    /^Unexpected token '(.+?)', (\.\.\.)?"([^]*)"(?:\.\.\.)? is not valid JSON/.exec(message) ?? []
  if (around === '') return text.length
  // What is cut off at the front leaves ten characters before the fault.
  const start = text.indexOf(around)
  return start === -1 ? text.length : cut === '' ? text.indexOf(token) : start + 10
}

function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string?: string) => string ?? ' ')
    .replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])/g, (_, string?: string) => string ?? '')
}

function* topEntries(value: unknown): Iterable<[string, unknown]> {
  if (Array.isArray(value)) {
    for (const [place, entry] of (value as unknown[]).entries()) yield [isRecord(entry) ? '' : `[${place}]`, entry]
    return
  }
  if (!isRecord(value)) {
    yield ['', value]
    return
  }
  // Neighbouring simple values belong together.
  let simple: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    if (entry === undefined) continue
    if (typeof entry !== 'object' || entry === null) {
      simple[key] = entry
      continue
    }
    if (Object.keys(simple).length > 0) yield ['', simple]
    simple = {}
    // A list of records at the top is what the file is about: each is an entry.
    if (Array.isArray(entry) && entry.every((one) => isRecord(one)))
      for (const [place, one] of entry.entries()) yield [`${key}[${place}]`, one]
    else yield [key, entry]
  }
  if (Object.keys(simple).length > 0) yield ['', simple]
}

function addEntry(builder: PartBuilder, path: string, value: unknown, name: string): void {
  let lines: string[] = []
  const flush = (): void => {
    builder.add('list', lines.join('\n'))
    lines = []
  }
  for (const [where, text] of leaves(path, value, 0, name)) {
    if (text.length > longText) {
      flush()
      builder.add('paragraph', where === '' ? text : `${where}: ${text}`)
    } else lines.push(where === '' ? oneLine(text) : `${where}: ${oneLine(text)}`)
    if (lines.length >= linesPerBlock) flush()
  }
  flush()
}

function* leaves(path: string, value: unknown, depth: number, name: string): Iterable<[string, string]> {
  if (depth > maxDepth) throw new AndonError('invalid', `${name} is nested deeper than ${maxDepth} levels. Flatten it.`)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    if (value !== '') yield [path, String(value)]
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    // Simple values read best side by side.
    if (value.every((entry) => typeof entry !== 'object' || entry === null)) {
      const text = value.filter((entry) => entry !== null && entry !== '').join(', ')
      if (text !== '') yield [path, text]
    } else for (const [place, entry] of value.entries()) yield* leaves(`${path}[${place}]`, entry, depth + 1, name)
    return
  }
  for (const [key, entry] of Object.entries(value))
    if (entry !== undefined) yield* leaves(path === '' ? key : `${path}.${key}`, entry, depth + 1, name)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
