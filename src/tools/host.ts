// The tool host: a station in a worker that loads tools on first use and runs their calls in the order they came. It
// never begins a call whose lease is over, so that the executor may give that call to another worker.

import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import { AndonError } from '../core/errors.ts'
import type { Call, Station } from '../core/station.ts'
import { newsUntil } from './connection-news.ts'
import type { Connectors } from './connector.ts'
import { put, RunningCall } from './host-call.ts'
import type { Batch } from './host-call.ts'
import { Children } from './host-children.ts'
import { Loader } from './host-load.ts'
import type { Run } from './host-load.ts'
import { ended, machineMs } from './host-message.ts'
import type { HostInput, HostTool, SentCall } from './host-message.ts'
import { RecordWriter, sharedRecord } from './host-record.ts'

export interface HostOptions {
  /** Path of the record of a process; a thread shares memory instead. Without either nobody reads it. */
  record?: string
  connectors?: Connectors
}

/** After this many milliseconds of beginning calls the event loop gets its turn. */
const sliceMs = 2

/** Makes the tool host; items are JSON texts of results, as many as are ready. */
export function openHost(options: HostOptions, shared?: object): Station<HostInput, string> & AsyncDisposable {
  const kept = shared instanceof SharedArrayBuffer ? shared : (options.record ?? sharedRecord())
  return new Host(new RecordWriter(kept), new Loader(options.connectors))
}

interface KnownTool {
  described: HostTool
  run: Run | undefined
  /** A call of it held the thread and gave it back. */
  good: boolean
  loading: Promise<Run> | undefined
}

interface Waiting {
  sent: SentCall
  batch: Batch
}

class Host implements Station<HostInput, string>, AsyncDisposable {
  readonly name = 'tools'
  readonly #record: RecordWriter
  readonly #loader: Loader
  readonly #tools = new Map<number, KnownTool>()
  #running = new Map<number, RunningCall>()
  readonly #current = new AsyncLocalStorage<number>()
  #queue: Waiting[] = []
  #next = 0
  #scheduled = false
  readonly #children: Children | undefined
  /** Calls whose results may not have been sent yet. */
  #begun = 0

  constructor(record: RecordWriter, loader: Loader) {
    this.#record = record
    this.#loader = loader
    this.#children = isMainThread ? undefined : new Children((alive) => record.children(alive))
    const blame = (): void => {
      const call = this.#current.getStore()
      if (call !== undefined && this.#running.has(call)) this.#record.blame(call)
    }
    process.on('exit', blame)
    process.on('uncaughtExceptionMonitor', blame)
    // A promise that nobody waits for: its call may be long over, and its neighbours are not to blame.
    process.on('unhandledRejection', (reason) => {
      process.stderr.write(`A tool left a promise that was rejected: ${String(reason)}\n`)
    })
    const abort = process.abort.bind(process)
    process.abort = () => {
      blame()
      return abort()
    }
  }

  async *run(input: HostInput, call: Call): AsyncGenerator<string> {
    if (input.kind === 'cancel') {
      this.#cancel(input.number, input.late)
      yield '[]'
      return
    }
    if (input.kind === 'forget') {
      this.#running.get(input.number)?.fail('Nobody waits for it')
      return
    }
    if (input.kind === 'clear') {
      await this.#children?.end()
      return
    }
    if (input.kind === 'close') {
      await this.#loader.close(input.connection)
      return
    }
    if (input.kind === 'news') {
      yield* newsUntil(call.signal)
      return
    }
    for (const described of input.tools) {
      this.#tools.set(described.index, { described, run: undefined, good: false, loading: undefined })
    }
    if (input.kind === 'load') {
      const open = ({ index, source }: HostTool): Promise<void> =>
        this.#load(index).then(() => this.#loader.open(source))
      await Promise.allSettled(input.tools.map(open))
      return
    }
    const calls = JSON.parse(input.calls) as SentCall[]
    const batch: Batch = { lease: input.lease, left: calls.length, out: [], wake: undefined }
    for (const sent of calls) this.#queue.push({ sent, batch })
    if (!this.#scheduled) this.#work()
    for (;;) {
      if (batch.out.length > 0) {
        const text = `[${batch.out.join(',')}]`
        batch.out = []
        yield text
      } else if (batch.left === 0) return
      else {
        await new Promise<void>((resolve) => (batch.wake = resolve))
        // What else comes in this turn goes along.
        if (batch.left > 0) await nextTurn()
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#loader.close(), this.#children?.end()])
    this.#record[Symbol.dispose]()
  }

  readonly #work = (): void => {
    this.#scheduled = false
    const start = machineMs()
    let now = start
    for (let next = this.#queue[this.#next]; next; next = this.#queue[this.#next]) {
      if ((this.#begun > 0 && this.#needsCare(next.sent)) || now - start > sliceMs) {
        this.#record.rest()
        this.#begun = 0
        this.#scheduled = true
        setImmediate(this.#work)
        return
      }
      this.#next++
      this.#begun++
      now = this.#begin(next, now)
    }
    this.#record.rest()
    this.#queue = []
    this.#next = 0
  }

  #needsCare([, index, , , , care]: SentCall): boolean {
    return care === 2 || (care === 1 && this.#tools.get(index)?.good !== true)
  }

  /** Begins one call; returns what time it is then. */
  #begin({ sent, batch }: Waiting, now: number): number {
    const [number, index] = sent
    if (now <= batch.lease) {
      this.#record.begin(number)
      // Asked again once it is noted: whoever reads the record after the lease sees all that ever began.
      now = machineMs()
    }
    if (now > batch.lease) {
      put(batch, `[${number},${ended.notStarted},0,0]`, true)
      return now
    }
    const tool = this.#tools.get(index)
    const { outputBytes: limit = 0, timeoutMs = 0 } = tool?.described ?? {}
    const call = new RunningCall(sent, batch, { startedAt: now, timeoutMs }, () => this.#ended(number))
    this.#running.set(number, call)
    if (tool?.run) {
      const { run } = tool
      this.#current.run(number, () => call.run(run, limit))
      tool.good = true
    } else {
      this.#record.rest()
      this.#load(index).then(
        (run) => {
          this.#record.hold(number)
          this.#current.run(number, () => call.run(run, limit))
          this.#record.rest()
        },
        (reason: unknown) => call.fail(reason),
      )
    }
    now = machineMs()
    call.heldMs = now - call.startedAt
    return now
  }

  #ended(number: number): void {
    this.#running.delete(number)
    // A map that lives on keeps its former tables, and so the calls that were in them, until a whole collection.
    if (this.#running.size === 0) this.#running = new Map()
  }

  #load(index: number): Promise<Run> {
    const tool = this.#tools.get(index)
    if (!tool) return Promise.reject(new AndonError('internal', `The host was not told of tool ${index}`))
    tool.loading ??= this.#loader.load(tool.described.source).then((run) => (tool.run = run))
    // One that could not be loaded is tried again with the next call.
    tool.loading.catch(() => (tool.loading = undefined))
    return tool.loading
  }

  #cancel(number: number, late: boolean): void {
    const running = this.#running.get(number)
    if (running) {
      const left = new AndonError('cancelled', 'Nobody waits for this call any more')
      running.cancel(late ? new AndonError('deadline', 'The time of this call is over') : left)
      return
    }
    const at = this.#queue.findIndex(({ sent }, place) => place >= this.#next && sent[0] === number)
    const [dropped] = at < 0 ? [] : this.#queue.splice(at, 1)
    if (dropped) put(dropped.batch, `[${number},${ended.notStarted},0,0]`, true)
  }
}
