// Source code: one block per top-level declaration with the comment in front of it, kept as it is written.

import { PartBuilder } from './builder.ts'
import { readText } from './read-text.ts'
import type { Parser } from './parser.ts'

/** A block of code has at most about this many lines; longer declarations are cut at blank lines, then anywhere. */
const mostLines = 60

/** The parser for source code and configuration files. */
export const code: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const whole = await readText(source, builder, signal)
  const facts = source.language === undefined ? {} : { language: source.language }
  if (source.language !== undefined) builder.property('language', source.language)
  for (const lines of declarations(whole.replace(/\r\n?/g, '\n').replace(/\t/g, '  ').split('\n'))) {
    builder.add('code', lines.join('\n'), facts)
    if (!builder.full) continue
    yield builder.take()
    await new Promise(setImmediate)
    signal.throwIfAborted()
  }
  yield builder.take()
}

const closing = /^(?:[}\])]|end\b|fi\b|done\b|esac\b|#endif|\*\/)/

/**
 * Groups lines: a blank line followed by an unindented line that closes nothing begins a new group. Neighbouring
 * groups without a body (imports, constants) come together until they are worth a block.
 */
export function* declarations(lines: readonly string[]): Iterable<string[]> {
  let small: string[] = []
  for (const group of topGroups(lines)) {
    const bodiless = group.length < mostLines / 3 && group.every((line) => /^\S|^$/.test(line))
    if (bodiless && small.length + group.length < mostLines / 3) {
      if (small.length > 0) small.push('')
      small.push(...group)
      continue
    }
    if (small.length > 0) yield small
    small = bodiless ? group : []
    if (!bodiless) yield group
  }
  if (small.length > 0) yield small
}

function* topGroups(lines: readonly string[]): Iterable<string[]> {
  let group: string[] = []
  let blank = false
  for (const line of lines) {
    if (!/\S/.test(line)) {
      blank = true
      continue
    }
    const begins = blank && /^\S/.test(line) && !closing.test(line)
    if ((begins && group.length > 0) || group.length >= mostLines * 2 || (blank && group.length >= mostLines)) {
      yield group
      group = []
    }
    if (blank && group.length > 0) group.push('')
    blank = false
    group.push(line)
  }
  if (group.length > 0) yield group
}
