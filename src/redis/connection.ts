// One Redis (or one Redis Cluster), asked with a deadline of our own: a command is answered in time, or fails in time,
// whatever the server does.

import { createHash } from 'node:crypto'
import { createClient, createCluster, ErrorReply, RESP_TYPES } from '@redis/client'
import { AndonError } from '../core/errors.ts'
import { Breaker } from './breaker.ts'
import { DeadlineLine } from './deadline-line.ts'

export interface RedisOptions {
  /** `redis://` or `rediss://`, with user, password and database where they are needed. Default `redis://127.0.0.1:6379`. */
  readonly url?: string
  /** The address is one of a Redis Cluster. Default false. */
  readonly cluster?: boolean
  /** Milliseconds that a command may take. Default 100. */
  readonly timeoutMs?: number
  /** Milliseconds between two probes of a server that stopped answering. Default 1,000. */
  readonly probeMs?: number
  /** Longest queue of commands; what is more fails at once. Default 100,000. */
  readonly queue?: number
}

/** A Lua script, known to the server by its hash after the first time. */
export interface Script {
  readonly source: string
  readonly sha: string
}

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** What was said on a channel. */
export type Heard = (message: string) => void

/** What is used of a client: the same of one server and of a cluster. */
interface Client {
  readonly ready: () => boolean
  send(key: string | undefined, readonly: boolean, args: (string | Buffer)[]): Promise<unknown>
  connect(): Promise<unknown>
  /** A client of its own for channels, connected later; hears of every lost and every new connection. */
  subscriber(onReady: () => void, onLost: () => void): Subscriber
  destroy(): void
}

interface Subscriber {
  connect(): Promise<unknown>
  subscribe(channel: string, heard: Heard): Promise<unknown>
  unsubscribe(channel: string, heard: Heard): Promise<unknown>
  destroy(): void
}

/** A connection that never keeps its user waiting: it connects by itself, again and again, until it is disposed. */
export class RedisConnection implements AsyncDisposable {
  /** Host and port, for messages: without user and password. */
  readonly name: string
  readonly #client: Client
  readonly #timeoutMs: number
  readonly #line: DeadlineLine
  readonly #breaker: Breaker
  readonly #watchers = new Set<(listening: boolean) => void>()
  #starting: Promise<void> | undefined
  readonly #started: () => void
  #subscriber: Subscriber | undefined
  #subscriberConnected: Promise<unknown> | undefined
  #listening = false
  #closed = false

  constructor(options: RedisOptions = {}) {
    const { url = 'redis://127.0.0.1:6379', timeoutMs = 100, probeMs = 1_000 } = options
    this.name = nameOf(url)
    this.#timeoutMs = timeoutMs
    this.#line = new DeadlineLine(timeoutMs)
    this.#client = options.cluster ? clusterClient(url, options) : singleClient(url, options)
    this.#breaker = new Breaker(
      () => this.#line.watch(this.#client.send(undefined, true, ['PING']), () => this.#late('PING')),
      probeMs,
    )
    // The first commands wait for the first connection, for as long as any command may take.
    const started = Promise.withResolvers<void>()
    const timer = setTimeout(() => this.#started(), timeoutMs)
    this.#started = () => {
      clearTimeout(timer)
      this.#starting = undefined
      started.resolve()
    }
    this.#starting = started.promise
    this.#client.connect().then(this.#started, this.#started)
  }

  /** Whether commands are sent: false while there is no connection, and while the server does not answer. */
  get up(): boolean {
    return !this.#closed && !this.#breaker.open && this.#client.ready()
  }

  /** Whether what is said on channels is heard. */
  get listening(): boolean {
    return this.#listening
  }

  /**
   * Sends a command; `key` chooses the node of a cluster. Texts of replies are Buffers. Fails with `unavailable` at once
   * when there is no connection, with `deadline` when no answer came in time, and with `invalid` when Redis says no.
   */
  send(key: string | undefined, args: (string | Buffer)[], readonly = false): Promise<unknown> {
    if (this.#starting) return this.#starting.then(() => this.#send(key, args, readonly))
    return this.#send(key, args, readonly)
  }

  #send(key: string | undefined, args: (string | Buffer)[], readonly: boolean): Promise<unknown> {
    if (!this.up) return Promise.reject(this.#silent())
    return this.#line.watch(
      this.#client.send(key, readonly, args),
      () => {
        this.#breaker.trip()
        return this.#late(String(args[0]))
      },
      (reason) => this.#failed(reason),
    )
  }

  /** Runs a script. All keys lie in one slot. */
  async run({ sha, source }: Script, keys: string[], args: (string | Buffer)[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await this.send(keys[0], ['EVALSHA', sha, ...rest])
    } catch (reason) {
      if (!(reason instanceof AndonError && reason.sentence.includes('NOSCRIPT'))) throw reason
      return this.send(keys[0], ['EVAL', source, ...rest])
    }
  }

  /**
   * Hears a channel until the returned function is called. Over a new connection it is heard again. Fails as `send` does,
   * and then nothing is ever heard.
   */
  async subscribe(channel: string, heard: Heard): Promise<() => void> {
    if (!this.#starting && !this.up) throw this.#silent()
    const subscriber = (this.#subscriber ??= this.#client.subscriber(
      () => this.#tell(true),
      () => this.#tell(false),
    ))
    this.#subscriberConnected ??= subscriber.connect()
    await this.#line.watch(this.#subscriberConnected, () => this.#late('SUBSCRIBE'))
    const subscribed = subscriber.subscribe(channel, heard)
    const stop = (): void => void subscriber.unsubscribe(channel, heard).catch(() => {})
    try {
      await this.#line.watch(subscribed, () => this.#late('SUBSCRIBE'))
    } catch (reason) {
      subscribed.then(stop, () => {})
      throw reason
    }
    return stop
  }

  /** Hears when channels begin to be heard and when they no longer are. Returns how to stop. */
  onListening(watcher: (listening: boolean) => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  #tell(listening: boolean): void {
    if (listening === this.#listening) return
    this.#listening = listening
    for (const watcher of this.#watchers) watcher(listening)
  }

  #silent(cause?: unknown): AndonError {
    return new AndonError('unavailable', `Redis at ${this.name} does not answer`, { cause })
  }

  #late(command: string): AndonError {
    return new AndonError('deadline', `Redis at ${this.name} did not answer ${command} within ${this.#timeoutMs} ms`)
  }

  #failed(reason: unknown): AndonError {
    if (reason instanceof ErrorReply)
      return new AndonError('invalid', `Redis at ${this.name} refused: ${reason.message}`, { cause: reason })
    return this.#silent(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#started()
      this.#breaker.close()
      this.#client.destroy()
      this.#subscriber?.destroy()
    }
    return Promise.resolve()
  }
}

function nameOf(url: string): string {
  try {
    return new URL(url).host
  } catch (cause) {
    throw new AndonError('invalid', 'The address of Redis is no URL: give one such as redis://127.0.0.1:6379', {
      cause,
    })
  }
}

/** Longest pause between two tries to connect, in milliseconds. */
const longestPause = 2_000

function pauseOf(tries: number): number {
  return Math.min(longestPause, 20 * 2 ** Math.min(tries, 7))
}

/** Texts of replies are Buffers. The client's own time limit is off, which costs a timer per command: ours holds. */
const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer }, timeout: 0 } as const

function connectionOptions({ queue = 100_000 }: RedisOptions) {
  return {
    RESP: 3,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandsQueueMaxLength: queue,
    commandOptions,
    socket: { connectTimeout: 2_000, reconnectStrategy: pauseOf },
  } as const
}

function singleClient(url: string, options: RedisOptions): Client {
  const client = createClient({ url, ...connectionOptions(options) })
  client.on('error', () => {})
  return {
    ready: () => client.isReady,
    send: (_key, _readonly, args) => client.sendCommand(args),
    connect: () => client.connect(),
    destroy: () => client.destroy(),
    subscriber(onReady, onLost) {
      const own = client.duplicate({ disableOfflineQueue: false })
      own.on('error', onLost)
      own.on('ready', onReady)
      own.on('end', onLost)
      return {
        connect: () => own.connect(),
        subscribe: (channel, heard) => own.subscribe(channel, heard),
        unsubscribe: (channel, heard) => own.unsubscribe(channel, heard),
        destroy: () => own.destroy(),
      }
    },
  }
}

function clusterClient(url: string, options: RedisOptions): Client {
  const cluster = createCluster({ rootNodes: [{ url }], defaults: connectionOptions(options), RESP: 3 })
  cluster.on('error', () => {})
  let ready = false
  let ended = false
  return {
    ready: () => ready && cluster.isOpen,
    send: (key, readonly, args) => cluster.sendCommand(key, readonly, args, commandOptions),
    async connect() {
      for (let tries = 0; !ended && !ready; tries++)
        try {
          await cluster.connect()
          ready = true
        } catch {
          await new Promise((resolve) => setTimeout(resolve, pauseOf(tries)).unref())
        }
    },
    destroy() {
      ended = true
      if (cluster.isOpen) cluster.destroy()
    },
    subscriber: (onReady, onLost) => ({
      connect() {
        // One of its nodes is heard. What happens to any of them may have happened to this one.
        const look = (): void => (cluster.pubSubNode?.client?.isReady === true ? onReady() : onLost())
        for (const event of ['node-ready', 'node-reconnecting', 'node-disconnect']) cluster.on(event, look)
        return Promise.resolve()
      },
      subscribe: (channel, heard) => cluster.subscribe(channel, heard),
      unsubscribe: (channel, heard) => cluster.unsubscribe(channel, heard as (message: unknown) => void),
      destroy: onLost,
    }),
  }
}
