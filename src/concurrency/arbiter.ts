// Permits that all processes of a host share. The first process becomes the arbiter; when it ends, another takes its
// place, and nothing is granted before everybody who still lives has said what they hold.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { AndonError } from '../core/errors.ts'
import { longestRestMs, LineWriter, readLines, toldSchema, type Asked } from './arbiter-lines.ts'
import { enterRegister } from './arbiter-register.ts'
import { serveArbiter } from './arbiter-server.ts'
import { tryLockFile } from './file-lock.ts'
import type { OpenPermits, SharedPermits } from './permits.ts'

export interface ArbiterOptions {
  /** Who shares: processes of one user on one host that give the same name. Default `default`. */
  group?: string
  /** Folder for the socket, its lock and its register. Default: one of this user's own in the folder for temporary files. */
  folder?: string
}

/** A connection to the arbiter of a group, wherever it runs. Disposing it gives back everything. */
export interface Arbiter extends AsyncDisposable {
  /**
   * Opens the permits of a name. No more than the limit are held at once over all processes of the group; whoever is
   * killed holds nothing from then on. While no arbiter answers, nothing new is granted and what is held stays held.
   */
  readonly open: OpenPermits
  /** Whether this process is the arbiter now. */
  readonly serving: boolean
}

/** Milliseconds between two looks for an arbiter, while there is none. */
const lookEvery = 20

/** Joins the group. Throws `unavailable` when the folder cannot be used, `forbidden` when it belongs to somebody else. */
export async function openArbiter(options: ArbiterOptions = {}): Promise<Arbiter> {
  const { group = 'default', folder = ownFolder() } = options
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { uid, mode } = statSync(folder)
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0))
      throw new AndonError('forbidden', `The folder ${folder} can be written by others: choose one of your own`)
  } catch (reason) {
    throw AndonError.from(reason, 'unavailable')
  }
  const hash = createHash('sha256').update(group).digest('hex').slice(0, 16)
  const client = new Client(join(folder, hash))
  await client.join()
  return client
}

function ownFolder(): string {
  return join(tmpdir(), `andon-${process.getuid?.() ?? userInfo().username}`)
}

class Client implements Arbiter {
  readonly #base: string
  readonly #entry: ReturnType<typeof enterRegister>
  readonly #permits = new Map<string, Permits>()
  #server: (AsyncDisposable & { lock: Disposable }) | undefined
  #socket: Socket | undefined
  #writer: LineWriter<Asked> | undefined
  #joining: Promise<void> | undefined
  #closed = false

  constructor(base: string) {
    this.#base = base
    this.#entry = enterRegister(`${base}.members`)
  }

  get serving(): boolean {
    return this.#server !== undefined
  }

  get open(): OpenPermits {
    return (name, limit, onFree, onRest = () => {}) => {
      if (this.#permits.has(name))
        throw new AndonError('conflict', `The permits "${name}" are open in this process already: share them`)
      const permits = new Permits(
        name,
        limit,
        onFree,
        onRest,
        (line) => this.#writer?.say(line),
        () => this.#permits.delete(name),
        () => this.#hold(),
      )
      this.#permits.set(name, permits)
      permits.declare()
      return permits
    }
  }

  /** Connects to the arbiter, or becomes it; tries until one of both succeeds. */
  join(): Promise<void> {
    return (this.#joining ??= this.#join().finally(() => (this.#joining = undefined)))
  }

  async #join(): Promise<void> {
    while (!this.#closed) {
      if ((await this.#connect()) || ((await this.#serve()) && (await this.#connect()))) return
      await new Promise((resolve) => setTimeout(resolve, lookEvery))
    }
  }

  get #address(): string {
    return process.platform === 'win32' ? `\\\\.\\pipe\\${this.#base.replace(/\W+/g, '-')}` : `${this.#base}.sock`
  }

  async #serve(): Promise<boolean> {
    const lock = tryLockFile(`${this.#base}.lock`)
    if (!lock) return false
    const server = await serveArbiter(this.#address, `${this.#base}.members`)
    this.#server = Object.assign(server, { lock })
    return true
  }

  async #connect(): Promise<boolean> {
    const socket = connect(this.#address)
    try {
      await once(socket, 'connect')
    } catch {
      return false
    }
    if (this.#closed) {
      socket.destroy()
      return false
    }
    this.#socket = socket
    this.#hold()
    const writer = new LineWriter<Asked>(socket)
    this.#writer = writer
    readLines(socket, toldSchema, (told) => {
      if ('grant' in told) this.#permits.get(told.grant)?.granted(told.count, told.held)
      else this.#permits.get(told.rest)?.rests(told.ms)
    })
    socket.on('error', () => {})
    socket.once('close', () => this.#lost(socket))
    for (const permits of this.#permits.values()) permits.declareAll()
    writer.say({ member: this.#entry.member })
    return true
  }

  /** What is held keeps no process alive, the work that holds it does; what is waited for does. */
  #hold(): void {
    let waits = false
    for (const permits of this.#permits.values()) waits ||= permits.wanted > 0
    if (waits) this.#socket?.ref()
    else this.#socket?.unref()
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#writer = undefined
    for (const permits of this.#permits.values()) permits.disconnected()
    if (!this.#closed) void this.join()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#entry[Symbol.dispose]()
    this.#socket?.destroy()
    await this.#joining
    await this.#server?.[Symbol.asyncDispose]()
    this.#server?.lock[Symbol.dispose]()
    this.#server = undefined
  }
}

/** One name, as this process sees it. */
class Permits implements SharedPermits {
  readonly #name: string
  #limit: number
  readonly #onFree: () => void
  readonly #onRest: (ms: number) => void
  readonly #say: (line: Asked) => void
  readonly #forget: () => void
  readonly #onWant: () => void
  #held = 0
  #atHand = 0
  #wanted = 0
  #others = 0
  #returning = false
  /** Monotonic milliseconds: also a new arbiter has to know it. */
  #restsUntil = 0
  #closed = false

  constructor(
    name: string,
    limit: number,
    onFree: () => void,
    onRest: (ms: number) => void,
    say: (line: Asked) => void,
    forget: () => void,
    onWant: () => void,
  ) {
    this.#name = name
    this.#limit = limit
    this.#onFree = onFree
    this.#onRest = onRest
    this.#say = say
    this.#forget = forget
    this.#onWant = onWant
  }

  get wanted(): number {
    return this.#wanted
  }

  get limit(): number {
    return this.#limit
  }

  get held(): number {
    return this.#held
  }

  get heldByAll(): number {
    return this.#held + this.#others
  }

  take(): boolean {
    if (this.#atHand === 0) return false
    this.#atHand--
    this.#held++
    return true
  }

  give(): void {
    if (this.#held === 0) throw new AndonError('internal', `A permit of "${this.#name}" was given back twice`)
    this.#held--
    this.#say({ give: this.#name, count: 1 })
  }

  want(count: number): void {
    if (this.#closed || count === this.#wanted) return
    this.#wanted = count
    this.#onWant()
    this.#say({ want: this.#name, count })
  }

  setLimit(limit: number): void {
    if (limit === this.#limit) return
    this.#limit = limit
    this.declare()
  }

  rest(ms: number): void {
    if (this.#closed) return
    const whole = Math.min(longestRestMs, Math.ceil(ms))
    this.#restsUntil = whole === 0 ? 0 : Math.max(this.#restsUntil, performance.now() + whole)
    this.#say({ rest: this.#name, ms: whole })
  }

  woke(): void {
    this.#say({ woke: this.#name })
  }

  /** Another process let it rest. */
  rests(ms: number): void {
    this.#restsUntil = Math.max(this.#restsUntil, performance.now() + ms)
    this.#onRest(ms)
  }

  /** Tells a new arbiter all it has to know. */
  declareAll(): void {
    this.declare()
    const restMs = this.#restsUntil - performance.now()
    if (restMs > 0) this.rest(restMs)
  }

  /** Tells the arbiter what is shared, held and wanted. */
  declare(): void {
    this.#say({ open: this.#name, limit: this.#limit, held: this.#held + this.#atHand })
    if (this.#wanted > 0) this.#say({ want: this.#name, count: this.#wanted })
  }

  granted(count: number, heldByAll: number): void {
    this.#atHand += count
    this.#wanted = Math.max(0, this.#wanted - count)
    this.#others = Math.max(0, heldByAll - this.#held - this.#atHand)
    this.#onFree()
    this.#onWant()
    if (this.#atHand === 0 || this.#returning) return
    this.#returning = true
    setImmediate(() => this.#giveRest())
  }

  /** A new arbiter is told of what is held; what was at hand is nobody's. */
  disconnected(): void {
    this.#atHand = 0
  }

  #giveRest(): void {
    this.#returning = false
    if (this.#atHand === 0) return
    this.#say({ give: this.#name, count: this.#atHand })
    this.#atHand = 0
  }

  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    this.#say({ close: this.#name })
    this.#wanted = 0
    this.#onWant()
    this.#forget()
  }
}
