// The processes that tools start in a thread: few at once, and ended before the thread is, because nobody could wait for
// them afterwards. Tools in a process need none of this: what they start is in the group of their process.

import { ChildProcess } from 'node:child_process'
import { AndonError } from '../core/errors.ts'

/** Processes of a thread at once. */
const most = 16

/** How long processes that were killed may take to be gone, in milliseconds. */
const goneMs = 5_000

type Spawn = (this: ChildProcess, options: object) => unknown

export class Children {
  readonly #alive = new Set<ChildProcess>()
  #closed = false
  #ending = false

  readonly #counted: (alive: number) => void

  /** From now on every process that this thread starts is known; `counted` hears how many are alive. */
  constructor(counted: (alive: number) => void) {
    this.#counted = counted
    const admit = (): void => this.#admit()
    const add = (child: ChildProcess): void => this.#add(child)
    const spawn = Reflect.get(ChildProcess.prototype, 'spawn') as Spawn
    const watched: Spawn = function (options) {
      admit()
      try {
        // A group of its own: what it starts ends with it.
        return spawn.call(this, { ...options, detached: true })
      } finally {
        add(this)
      }
    }
    Reflect.set(ChildProcess.prototype, 'spawn', watched)
  }

  /** Ends them all; resolves when they are gone. None is started after it. */
  async end(): Promise<void> {
    this.#closed = true
    const gone = Array.from(this.#alive, (child) => {
      killGroup(child)
      return new Promise((resolve) => child.once('exit', resolve))
    })
    if (gone.length === 0) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => (timer = setTimeout(resolve, goneMs)))
    await Promise.race([Promise.all(gone), late])
    clearTimeout(timer)
  }

  #admit(): void {
    if (this.#closed)
      throw new AndonError('cancelled', 'The thread of this tool is ending: no process is started in it')
    if (this.#alive.size >= most)
      throw new AndonError('overloaded', `A thread may have ${most} processes: run the tool in a process`)
    // Counted before there is one: starting it takes time, and the thread may be ended meanwhile.
    this.#counted(this.#alive.size + 1)
  }

  #add(child: ChildProcess): void {
    if (child.pid === undefined) return this.#counted(this.#alive.size)
    // An error that nobody caught ends the thread: only after its processes.
    if (process.listenerCount('uncaughtException', this.#uncaught) === 0)
      process.on('uncaughtException', this.#uncaught)
    this.#alive.add(child)
    child.once('exit', () => {
      this.#alive.delete(child)
      this.#counted(this.#alive.size)
    })
  }

  /** The first error counts; those that come of its processes being ended do not. */
  readonly #uncaught = (error: Error): void => {
    if (!this.#ending) void this.#endWith(error)
  }

  async #endWith(error: Error): Promise<void> {
    this.#ending = true
    await this.end()
    process.off('uncaughtException', this.#uncaught)
    setImmediate(() => {
      throw error
    })
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
