// A process of the benchmark and the line to it: the parent asks by name and awaits what the child answers.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

type Handlers = Record<string, (input: never) => unknown>

interface Asked {
  id: number
  name: string
  input: unknown
}

interface Answered {
  id: number
  value?: unknown
  error?: string
}

/** Milliseconds on the monotonic clock that all processes of one machine share. */
export function sharedNow(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}

/** In a child: answers what the parent asks. Leaves when the parent has left. */
export function serveParent(handlers: Handlers): void {
  process.on('message', ({ id, name, input }: Asked) => {
    const handler = handlers[name] as ((input: unknown) => unknown) | undefined
    Promise.try(() => {
      if (!handler) throw new Error(`Nobody here answers to ${name}.`)
      return handler(input)
    }).then(
      (value) => process.send?.({ id, value } satisfies Answered),
      (reason: unknown) =>
        process.send?.({ id, error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) }),
    )
  })
  process.once('disconnect', () => process.exit())
  process.send?.({ id: 0 } satisfies Answered)
}

/** In the parent: a child whose handlers are called by name. Disposal ends it. */
export class Child<Served extends Handlers> implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #next = 1

  private constructor(process: ChildProcess) {
    this.#process = process
    process.on('message', ({ id, value, error }: Answered) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(value)
      else waiting?.reject(new Error(error))
    })
    process.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`A process ended with ${signal ?? code}.`))
      this.#waiting.clear()
    })
  }

  /** Starts a file beside this one; ready when it answers. */
  static async start<Served extends Handlers>(file: string, execArgv: string[] = []): Promise<Child<Served>> {
    const started = fork(new URL(file, import.meta.url), [], { execArgv, serialization: 'advanced' })
    const child = new Child<Served>(started)
    const ready = Promise.withResolvers<unknown>()
    child.#waiting.set(0, ready)
    await ready.promise
    return child
  }

  ask<Name extends keyof Served & string>(
    name: Name,
    ...[input]: Parameters<Served[Name]>
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    const id = this.#next++
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiting)
    this.#process.send({ id, name, input } satisfies Asked)
    return waiting.promise as Promise<Awaited<ReturnType<Served[Name]>>>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.disconnect()
    await gone
  }
}
