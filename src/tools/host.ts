// The tool host: a station in a worker that loads tools on first use and runs their calls in the order they came. It
// never begins a call whose lease is over, so that the executor may give that call to another worker.

import { AsyncLocalStorage } from 'node:async_hooks'
import { AndonError } from '../core/errors.ts'
import type { Station } from '../core/station.ts'
import { Loader } from './host-load.ts'
import type { Connectors, Run } from './host-load.ts'
import { ended, machineMs } from './host-message.ts'
import type { HostInput, HostTool, SentCall } from './host-message.ts'
import { outputText } from './host-output.ts'
import { RecordWriter } from './host-record.ts'
import type { ToolContext } from './tool.ts'

export interface HostOptions {
  /** Path of the record of a process; a thread shares memory instead. */
  record?: string
  connectors?: Connectors
}

/** After this many milliseconds of beginning calls the event loop gets its turn. */
const sliceMs = 2

/** Makes the tool host; items are JSON texts of results, as many as are ready. */
export function openHost(options: HostOptions, shared?: object): Station<HostInput, string> & Disposable {
  const kept = shared instanceof SharedArrayBuffer ? shared : options.record
  if (kept === undefined) throw new AndonError('invalid', 'A tool host needs a record: give a path or shared memory')
  return new Host(new RecordWriter(kept), new Loader(options.connectors))
}

interface KnownTool {
  described: HostTool
  run: Run | undefined
  /** A call of it held the thread and gave it back. */
  good: boolean
  loading: Promise<Run> | undefined
}

/** The results of one message. */
interface Batch {
  lease: number
  left: number
  out: string[]
  wake: (() => void) | undefined
}

interface Waiting {
  sent: SentCall
  batch: Batch
}

class Host implements Station<HostInput, string>, Disposable {
  readonly name = 'tools'
  readonly #record: RecordWriter
  readonly #loader: Loader
  readonly #tools = new Map<number, KnownTool>()
  readonly #running = new Map<number, RunningCall>()
  readonly #current = new AsyncLocalStorage<number>()
  #queue: Waiting[] = []
  #next = 0
  #scheduled = false
  /** Calls whose results may not have been sent yet. */
  #begun = 0

  constructor(record: RecordWriter, loader: Loader) {
    this.#record = record
    this.#loader = loader
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

  async *run(input: HostInput): AsyncGenerator<string> {
    if (input.kind === 'cancel') {
      this.#cancel(input.number, input.late)
      yield '[]'
      return
    }
    for (const described of input.tools) {
      this.#tools.set(described.index, { described, run: undefined, good: false, loading: undefined })
    }
    if (input.kind === 'load') {
      await Promise.allSettled(input.tools.map(({ index }) => this.#load(index)))
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
      else await new Promise<void>((resolve) => (batch.wake = resolve))
    }
  }

  [Symbol.dispose](): void {
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
    const call = new RunningCall(sent, batch, now, () => this.#running.delete(number))
    this.#running.set(number, call)
    const tool = this.#tools.get(index)
    const limit = tool?.described.outputBytes ?? 0
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

function put(batch: Batch, text: string, last: boolean): void {
  batch.out.push(text)
  if (last) batch.left--
  const { wake } = batch
  batch.wake = undefined
  wake?.()
}

/** A call that has begun; it is its tool's context too. */
class RunningCall implements ToolContext {
  readonly callId: string
  readonly tenant: string
  readonly startedAt: number
  heldMs: number | undefined
  readonly #number: number
  readonly #input: unknown
  readonly #batch: Batch
  readonly #onEnd: () => void
  #controller: AbortController | undefined
  #over: AndonError | undefined
  #ended = false

  constructor([number, , id, tenant, input]: SentCall, batch: Batch, startedAt: number, onEnd: () => void) {
    this.#number = number
    this.callId = id
    this.tenant = tenant
    this.#input = input
    this.#batch = batch
    this.startedAt = startedAt
    this.#onEnd = onEnd
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#over) this.#controller.abort(this.#over)
    return this.#controller.signal
  }

  readonly progress = (done: number | string): void => {
    if (!this.#ended) put(this.#batch, `[${this.#number},${ended.progress},0,0,${JSON.stringify(done)}]`, false)
  }

  cancel(reason: AndonError): void {
    this.#over ??= reason
    this.#controller?.abort(this.#over)
  }

  run(tool: Run, limitBytes: number): void {
    // It was told to stop while its tool was loaded.
    if (this.#over) return this.fail(this.#over)
    let input = this.#input
    if (typeof input === 'string') {
      try {
        input = JSON.parse(input)
      } catch (reason) {
        return this.#end(ended.invalidArguments, JSON.stringify(String(reason)))
      }
    }
    try {
      const value = tool(input, this)
      if (isThenable(value)) {
        value.then(
          (settled) => this.#finish(settled, limitBytes),
          (reason: unknown) => this.fail(reason),
        )
      } else this.#finish(value, limitBytes)
    } catch (reason) {
      this.fail(reason)
    }
  }

  fail(reason: unknown): void {
    const { message, code } = described(reason)
    this.#end(ended.failed, JSON.stringify(message.slice(0, 4_000)), code)
  }

  #finish(value: unknown, limitBytes: number): void {
    const output = outputText(value, limitBytes)
    if ('text' in output) this.#end(ended.ok, output.text)
    else if ('tooLarge' in output) this.#end(ended.tooLarge, String(output.tooLarge))
    else this.#end(ended.invalidResult, JSON.stringify(output.invalid))
  }

  #end(kind: number, value: string, code?: string): void {
    if (this.#ended) return
    this.#ended = true
    const runMs = machineMs() - this.startedAt
    const held = this.heldMs ?? runMs
    const rest = code === undefined ? '' : `,${JSON.stringify(code)}`
    this.#onEnd()
    put(this.#batch, `[${this.#number},${kind},${runMs.toFixed(4)},${held.toFixed(4)},${value}${rest}]`, true)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function described(reason: unknown): { message: string; code?: string } {
  if (reason instanceof AndonError) return { message: reason.sentence, code: reason.code }
  if (!(reason instanceof Error)) return { message: String(reason) }
  const { code } = reason as NodeJS.ErrnoException
  return { message: reason.message || reason.name, ...(typeof code === 'string' ? { code } : {}) }
}
