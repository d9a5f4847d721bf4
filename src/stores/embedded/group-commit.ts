// Group commit: commands that arrive while the disk is busy share the next transaction, and hear of it when it is
// durable. Each has a savepoint, so that one that fails takes nothing of the others with it.

import { AndonError } from '../../core/errors.ts'
import type { Database } from './database.ts'

export interface Task<Command> {
  command: Command
  resolve: (value: unknown) => void
  reject: (error: AndonError) => void
}

export interface GroupOptions<Command> {
  db: Database
  /** Carries out one command; what it gives to `afterCommit` runs once the command is on disk. */
  execute: (command: Command, afterCommit: (effect: () => void) => void) => unknown
  /** Hears of an effect that failed after its command was committed. */
  onEffectError: (reason: unknown) => void
  /** Whether a command may take long: such ones wait behind the others, and share no more than `heavyMs` a turn. */
  isHeavy: (command: Command) => boolean
}

const mostInTurn = 512
const heavyMs = 40

/** Runs commands in the order they came, light ones before heavy ones. */
export class GroupCommit<Command> {
  readonly #options: GroupOptions<Command>
  #light: Task<Command>[] = []
  #heavy: Task<Command>[] = []
  #scheduled = false
  #closed = false

  constructor(options: GroupOptions<Command>) {
    this.#options = options
  }

  /** Resolves with the command's answer when it is durable. */
  add(command: Command): Promise<unknown> {
    if (this.#closed) return Promise.reject(new AndonError('unavailable', 'The store is closed'))
    return new Promise((resolve, reject) => {
      const queue = this.#options.isHeavy(command) ? this.#heavy : this.#light
      queue.push({ command, resolve, reject })
      this.#schedule()
    })
  }

  /** Does what was added so far, and nothing after. */
  close(): void {
    while (this.#light.length + this.#heavy.length > 0) this.#turn()
    this.#closed = true
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // After the messages of this turn of the loop were all read.
    setImmediate(() => {
      this.#scheduled = false
      this.#turn()
      if (this.#light.length + this.#heavy.length > 0) this.#schedule()
    })
  }

  #turn(): void {
    const { db } = this.#options
    const light = this.#light.splice(0, mostInTurn)
    const started = performance.now()
    const done: (Task<Command> & { value: unknown })[] = []
    const effects: (() => void)[] = []
    let next = light.shift() ?? this.#heavy.shift()
    if (!next) return
    try {
      db.exec('BEGIN IMMEDIATE')
    } catch (reason) {
      for (const task of [next, ...light]) task.reject(AndonError.from(reason))
      return
    }
    while (next) {
      const task: Task<Command> = next
      const outcome = this.#attempt(task)
      if (outcome === 'lost') {
        // The disk is full and SQLite undid the whole transaction: each command again, for itself.
        for (const each of [...done, task, ...light]) this.#alone(each)
        return
      }
      if (outcome) {
        done.push({ ...task, value: outcome.value })
        effects.push(...outcome.effects)
      }
      next = light.shift() ?? (performance.now() - started < heavyMs ? this.#heavy.shift() : undefined)
    }
    try {
      db.exec('COMMIT')
    } catch (reason) {
      if (db.inTransaction) db.exec('ROLLBACK')
      if (done.length > 1) for (const each of done) this.#alone(each)
      else for (const each of done) each.reject(AndonError.from(reason))
      return
    }
    this.#carryOut(effects)
    for (const { resolve, value } of done) resolve(value)
  }

  /** Carries out a command under a savepoint; undefined when it failed and was told so. */
  #attempt(task: Task<Command>): { value: unknown; effects: (() => void)[] } | 'lost' | undefined {
    const { db, execute } = this.#options
    const effects: (() => void)[] = []
    try {
      db.run('SAVEPOINT command')
      const value = execute(task.command, (effect) => effects.push(effect))
      db.run('RELEASE command')
      return { value, effects }
    } catch (reason) {
      if (!db.inTransaction) return 'lost'
      db.exec('ROLLBACK TO command; RELEASE command')
      task.reject(AndonError.from(reason))
      return undefined
    }
  }

  /** The commands are durable whatever becomes of their effects. */
  #carryOut(effects: (() => void)[]): void {
    for (const effect of effects) {
      try {
        effect()
      } catch (reason) {
        this.#options.onEffectError(reason)
      }
    }
  }

  #alone(task: Task<Command>): void {
    const { db, execute } = this.#options
    const effects: (() => void)[] = []
    try {
      db.exec('BEGIN IMMEDIATE')
      const value = execute(task.command, (effect) => effects.push(effect))
      db.exec('COMMIT')
      this.#carryOut(effects)
      task.resolve(value)
    } catch (reason) {
      if (db.inTransaction) db.exec('ROLLBACK')
      task.reject(AndonError.from(reason))
    }
  }
}
