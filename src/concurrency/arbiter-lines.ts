// What processes and their arbiter say to each other: one JSON object per line, all of one turn of the loop together.

import type { Socket } from 'node:net'
import { z } from 'zod'

/** Longest rest that is told, in milliseconds. */
export const longestRestMs = 604_800_000

const name = z.string().min(1).max(512)
const count = z.int().min(0).max(1_000_000)
const ms = z.int().min(0).max(longestRestMs)

/** From a process. `open` declares a name with its limit and what is held of it; `want` is how many wait, absolutely;
 * `rest` is for so long from now: clocks differ between processes. */
export const askedSchema = z.union([
  z.object({ open: name, limit: count.min(1), held: count }),
  z.object({ want: name, count }),
  z.object({ give: name, count }),
  z.object({ close: name }),
  z.object({ rest: name, ms }),
  z.object({ woke: name }),
  /** First of all: the name of its file in the register. */
  z.object({ member: z.string().regex(/^[\w-]{1,128}$/) }),
])
export type Asked = z.output<typeof askedSchema>

/** From the arbiter. `held` counts all processes together; `rest` is what another process said. */
export const toldSchema = z.union([z.object({ grant: name, count, held: count }), z.object({ rest: name, ms })])
export type Told = z.output<typeof toldSchema>

/** Longest line that is believed, in characters. */
const longest = 4_096

/** Calls back for each line that a socket brings; a line that is too long or does not fit the schema ends the connection. */
export function readLines<Line>(socket: Socket, schema: z.ZodType<Line>, heard: (line: Line) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (socket.destroyed) return
      const said = schema.safeParse(parsed(line))
      if (!said.success) return void socket.destroy()
      heard(said.data)
    }
    if (rest.length > longest) socket.destroy()
  })
}

/** Sends what one turn of the loop has to say in one write. */
export class LineWriter<Line> {
  readonly #socket: Socket
  #lines = ''

  constructor(socket: Socket) {
    this.#socket = socket
  }

  say(line: Line): void {
    if (this.#lines === '') queueMicrotask(() => this.#flush())
    this.#lines += `${JSON.stringify(line)}\n`
  }

  #flush(): void {
    const lines = this.#lines
    this.#lines = ''
    if (this.#socket.writable) this.#socket.write(lines)
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
