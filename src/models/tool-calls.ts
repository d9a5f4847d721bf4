// Puts the calls of a model together from the pieces in which they stream, however the server cuts and names them.

import type { AskedCall } from '../core/question.ts'
import { isRecord } from './failure.ts'
import { isJson } from '../core/tool-arguments.ts'

/** A piece of a call: whatever of it a chunk says. */
export interface CallPiece {
  index?: number
  id?: string
  name?: string
  arguments?: string
}

interface Growing {
  index: number | undefined
  id: string
  name: string
  arguments: string
}

/** More calls of one message than this are not read: a model that loops would go on until its limit. */
const mostCalls = 128
/** Characters of the arguments of one call: what is longer is no call. */
const longestArguments = 1_000_000

/** The pieces in a delta or a message: `tool_calls`, or the older `function_call`. */
export function callPieces(said: Readonly<Record<string, unknown>>): CallPiece[] {
  const listed: unknown = said['tool_calls']
  if (Array.isArray(listed)) return listed.flatMap((call) => (isRecord(call) ? [pieceOf(call, call['function'])] : []))
  const older = said['function_call']
  return isRecord(older) ? [pieceOf({ index: 0 }, older)] : []
}

function pieceOf(call: Readonly<Record<string, unknown>>, asked: unknown): CallPiece {
  const { index, id } = call
  const { name, arguments: given } = isRecord(asked) ? asked : call
  const text = typeof given === 'string' ? given : isRecord(given) ? JSON.stringify(given) : undefined
  return {
    ...(typeof index === 'number' ? { index } : {}),
    ...(typeof id === 'string' && id !== '' ? { id } : {}),
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    ...(text === undefined ? {} : { arguments: text }),
  }
}

/** Gathers the pieces of one message. */
export class ToolCalls {
  readonly #calls: Growing[] = []

  /**
   * Takes the next piece. A piece belongs to the call with its index; one without an index to the call with its id, or
   * else to the last. Some servers send whole calls under one and the same index: another id there begins another call.
   */
  push(piece: CallPiece): void {
    let call = this.#callOf(piece)
    if (!call) {
      if (this.#calls.length === mostCalls) return
      call = { index: piece.index, id: piece.id ?? '', name: '', arguments: '' }
      this.#calls.push(call)
    }
    if (call.id === '') call.id = piece.id ?? ''
    // Some servers repeat the name with every piece.
    if (call.name === '') call.name = piece.name ?? ''
    if (call.arguments.length < longestArguments) call.arguments += piece.arguments ?? ''
  }

  /**
   * The whole calls, in order; each has an id and a name, and arguments that are at least `{}`. Of a message that was
   * `cut` by its limit, only those whose arguments came whole.
   */
  end(cut: boolean): AskedCall[] {
    return this.#calls.flatMap(({ id, name, arguments: text }) => {
      if (name === '' || (cut && !isJson(text))) return []
      return [{ id: id === '' ? `call_${crypto.randomUUID()}` : id, name, arguments: text.trim() === '' ? '{}' : text }]
    })
  }

  #callOf({ index, id, name }: CallPiece): Growing | undefined {
    const last = this.#calls.at(-1)
    if (index !== undefined) {
      const at = this.#calls.findLast((call) => call.index === index)
      return at && id !== undefined && at.id !== '' && at.id !== id ? this.#named(id) : at
    }
    if (id !== undefined) return this.#named(id)
    // A name begins a call, unless it only repeats that of one whose arguments are still coming.
    if (name !== undefined && last && (last.name !== name || isJson(last.arguments))) return undefined
    return last
  }

  #named(id: string): Growing | undefined {
    return this.#calls.find((call) => call.id === id)
  }
}
