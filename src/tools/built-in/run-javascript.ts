// The tool `run_javascript`: a model's own code, run behind the wall of untrusted tools. The wall keeps it in; the context
// only gives it a console and a fresh global object.

import { inspect } from 'node:util'
import { createContext, Script } from 'node:vm'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { defineTool } from '../definition.ts'

/** Milliseconds for code that does not wait; what waits ends with the call. */
const runMs = 3_000
/** Characters of console output that are kept, from the end. */
const mostConsole = 16_000

interface Ran {
  /** What the last expression or `return` gave; as text where it is no JSON. */
  result: Plain
  console?: string
}

export const run_javascript = defineTool(
  {
    title: 'Run JavaScript',
    description:
      'Runs JavaScript for what the calculator cannot do: lists, tables, dates, text. Gives what the last expression or a ' +
      'return gave, and the console output. No network, no files, no modules; await works. Each call starts afresh.',
    input: {
      type: 'object',
      properties: { code: { type: 'string', minLength: 1, maxLength: 50_000 } },
      required: ['code'],
      additionalProperties: false,
    },
    trust: 'untrusted',
    mode: 'process',
    traits: { readOnly: true },
    limits: { timeoutMs: 10_000, memoryMb: 128 },
    tags: ['built-in', 'code'],
  },
  async (input): Promise<Ran> => {
    const { code } = input as { code: string }
    const lines: string[] = []
    const write = (...given: unknown[]): void => {
      lines.push(given.map((each) => (typeof each === 'string' ? each : inspect(each, { depth: 4 }))).join(' '))
      // Old lines leave before they fill the memory.
      if (lines.length > 4_000) lines.splice(0, 2_000)
    }
    const console = Object.fromEntries(['log', 'info', 'warn', 'error', 'debug', 'table'].map((name) => [name, write]))
    const context = createContext({
      console,
      structuredClone,
      URL,
      URLSearchParams,
      TextEncoder,
      TextDecoder,
      atob,
      btoa,
    })
    let value: unknown
    try {
      value = await compiled(code).runInContext(context, { timeout: runMs })
    } catch (reason) {
      const said = consoleText(lines)
      throw new AndonError('invalid', `The code failed: ${failure(reason)}${said === '' ? '' : `\nConsole:\n${said}`}`)
    }
    const said = consoleText(lines)
    return { result: plainOf(value), ...(said === '' ? {} : { console: said }) }
  },
)

/** As a script, whose last expression counts; with `await` or `return`, as the body of a function. */
function compiled(code: string): Script {
  const options = { filename: 'code.js' }
  try {
    return new Script(code, options)
  } catch (reason) {
    if (!(reason instanceof SyntaxError)) throw reason
    try {
      return new Script(`(async () => {\n${code}\n})()`, { ...options, lineOffset: -1 })
    } catch {
      throw new AndonError('invalid', `The code is no JavaScript: ${failure(reason)}`)
    }
  }
}

/** The message, and the line of the code it came from. Errors of the context are not instances of ours. */
function failure(reason: unknown): string {
  if (reason instanceof AndonError) return reason.sentence
  if (typeof reason !== 'object' || reason === null) return String(reason)
  const { name = 'Error', message = '', stack = '' } = reason as Partial<Error>
  const line = /code\.js:(\d+)/.exec(stack)?.[1]
  return `${name}: ${message}${line === undefined ? '' : ` (line ${line})`}`
}

function plainOf(value: unknown): Plain {
  if (value === undefined) return null
  try {
    const text = JSON.stringify(value)
    if (text !== undefined) return JSON.parse(text) as Plain
  } catch {
    // It has itself inside, or is a BigInt.
  }
  return inspect(value, { depth: 4 })
}

function consoleText(lines: readonly string[]): string {
  const text = lines.join('\n')
  return text.length > mostConsole ? `…${text.slice(-mostConsole)}` : text
}
