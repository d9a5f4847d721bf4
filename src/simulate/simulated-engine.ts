// A simulated engine with a server: opened, made to fail, and closed by whoever tests or measures against it.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AndonError } from '../core/errors.ts'
import type { EngineFaults } from './faults.ts'
import { EngineHost } from './http/host.ts'
import type { HostOptions } from './http/host.ts'
import { serve } from './http/routes.ts'
import { listenAt } from './listening.ts'
import type { EngineStats } from './stats.ts'

export interface SimulatedEngineOptions extends HostOptions {
  /** Default 127.0.0.1. */
  host?: string
  /** Default 0: a free one. */
  port?: number
}

/** Connections that may wait to be taken in; the system may allow fewer. */
const backlog = 4096

export class SimulatedEngine implements AsyncDisposable {
  /** Without a path and without a slash at its end. The same after `kill` and `up`. */
  readonly url: string
  readonly #host: EngineHost
  readonly #server: Server
  readonly #address: { host: string; port: number }

  constructor(host: EngineHost, server: Server, address: { host: string; port: number }) {
    this.#host = host
    this.#server = server
    this.#address = address
    this.url = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
  }

  get stats(): EngineStats {
    const { counts, loop } = this.#host
    const { engine } = loop
    const { requests, open, maxOpen, insideRetryAfter, endings } = counts
    const { steps, preemptions, prefixQueries, prefixHits, maxRunning, stalls } = engine.counts
    return {
      simulated: true,
      url: this.url,
      up: this.#server.listening,
      requests,
      ...endings,
      open,
      maxOpen,
      insideRetryAfter,
      running: engine.running,
      waiting: engine.waiting,
      maxRunning,
      kvBlocksInUse: engine.cache.size - engine.cache.free,
      kvBlocks: engine.cache.size,
      preemptions,
      prefixQueries,
      prefixHits,
      steps,
      stalls,
      lostMs: loop.lostMs,
    }
  }

  /** The process dies: connections are cut, new ones are refused, and what was in the cache is gone. */
  async kill(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
    this.#host.resume()
    this.#host.loop.engine.cache.forget()
  }

  /** It comes back at the same address, also when it hung. */
  async up(): Promise<void> {
    this.#host.resume()
    if (this.#server.listening) return
    await listenAt(this.#server, { ...this.#address, backlog }, '--port')
  }

  /** Connections are taken in and nothing is answered any more, in the middle of streams too. */
  hang(): void {
    this.#host.hang()
  }

  /** Goes on where it hung. */
  resume(): void {
    this.#host.resume()
  }

  /** Steps take so many times as long from now on; 1 is as before. */
  slow(times: number): void {
    if (!(times > 0 && times <= 10_000))
      throw new AndonError('invalid', `slow ${times} is not between 0 and 10000 times.`)
    this.#host.loop.engine.slowness = times
  }

  /** Puts these faults in the place of those before; `{}` is none. */
  fault(faults: EngineFaults): void {
    this.#host.fault(faults)
  }

  /** Counts begin anew. */
  resetStats(): void {
    this.#host.counts.reset()
    const { engine } = this.#host.loop
    Object.assign(engine.counts, {
      steps: 0,
      preemptions: 0,
      prefixQueries: 0,
      prefixHits: 0,
      stalls: 0,
      maxRunning: engine.running,
    })
    this.#host.loop.lostMs = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#host[Symbol.dispose]()
  }
}

/** Opens an engine and its server. Throws `conflict` when the port is taken. */
export async function openSimulatedEngine(options: SimulatedEngineOptions = {}): Promise<SimulatedEngine> {
  const { host: name = '127.0.0.1', port = 0 } = options
  const host = new EngineHost(options)
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    void serve(host, request, response)
  })
  await listenAt(server, { host: name, port, backlog }, '--port')
  const address = server.address() as AddressInfo
  return new SimulatedEngine(host, server, { host: name, port: address.port })
}
