// Where stations under test, wherever they run, say what happens to them: a socket on this machine.

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Something that happened to a station: what, to whom, and a number or word with it. */
export interface Note {
  as: string
  event: 'made' | 'stopped' | 'freed'
  value: string | number
}

/** The test's end: hears the notes of all places. */
export class Board implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #notes: Note[] = []
  readonly #waiting = new Set<{ as: string; event: Note['event']; resolve: (note: Note) => void }>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      createInterface(socket).on('line', (line) => this.#hear(JSON.parse(line) as Note))
    })
  }

  static async open(): Promise<Board> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Board(server)
  }

  /** The first note of this event, when it has come. */
  heard(as: string, event: Note['event']): Promise<Note> {
    const found = this.#notes.find((note) => note.as === as && note.event === event)
    if (found) return Promise.resolve(found)
    return new Promise((resolve) => this.#waiting.add({ as, event, resolve }))
  }

  /** The last value of this event so far. */
  last(as: string, event: Note['event']): Note['value'] | undefined {
    return this.#notes.findLast((note) => note.as === as && note.event === event)?.value
  }

  count(as: string, event: Note['event']): number {
    return this.#notes.filter((note) => note.as === as && note.event === event).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #hear(note: Note): void {
    this.#notes.push(note)
    for (const waiting of this.#waiting) {
      if (waiting.as !== note.as || waiting.event !== note.event) continue
      this.#waiting.delete(waiting)
      waiting.resolve(note)
    }
  }
}

const lines = new Map<number, Socket>()

/** The station's end: resolves when the note has left. */
export function tell(port: number, note: Note): Promise<void> {
  let line = lines.get(port)
  if (!line) {
    line = connect(port, '127.0.0.1').unref()
    line.on('error', () => {})
    lines.set(port, line)
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  line.write(`${JSON.stringify(note)}\n`, () => resolve())
  return promise
}
