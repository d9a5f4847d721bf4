// Finds deadlocks while one develops: knows which task holds what and which waits for what, and tells the one whose
// waiting closes a circle. Off by default, and then it costs one look at a variable.
//
// A task is one flow of work: a child of a TaskGroup, or what `asTask` runs; AsyncLocalStorage carries it through every
// await. What is taken outside of all tasks has a holder of which nothing is known, who is never called stuck.

import { AsyncLocalStorage } from 'node:async_hooks'
import { AndonError } from '../core/errors.ts'

/** Something that can be held: a lock, a semaphore. */
export interface Resource {
  /** `The lock "ledger"`. */
  readonly title: string
}

interface Waiting {
  readonly waiting: boolean
  leave(reason: AndonError): { lookAgain(): void } | undefined
}

class Task {
  readonly name: string
  /** Usually one. More when parts of it wait side by side. */
  readonly waits = new Set<Wait>()

  constructor(name: string) {
    this.name = name
  }
}

interface Wait {
  readonly task: Task | undefined
  readonly resource: Resource
  readonly waiter: Waiting
  readonly at: string
}

interface Hold {
  readonly task: Task | undefined
  readonly at: string
}

/** The one that watches, while one does. Primitives tell it what happens. */
export let detector: DeadlockDetector | undefined

const tasks = new AsyncLocalStorage<Task>()

/**
 * Watches for deadlocks from here on, until it is disposed. The environment variable ANDON_DEADLOCKS=1 does it from the
 * start. A waiter whose waiting could never end is rejected with `conflict`, and the sentence names the circle: which
 * task holds what since which line, and waits for what.
 *
 * Promises: nobody is rejected because of a holder outside of all tasks, nor while one holder of a semaphore can go on.
 * Does not promise: to understand events, conditions, barriers and channels, which have no holder; or a task that does
 * several things side by side (`Promise.all`) over the same locks: make those tasks of their own.
 */
export function watchDeadlocks(): Disposable {
  const mine = (detector ??= new DeadlockDetector())
  return {
    [Symbol.dispose]() {
      if (detector === mine) detector = undefined
    },
  }
}

/** Runs a flow of work as a task with a name, for the deadlock detector. Without one it only runs it. */
export function asTask<Result>(name: string, work: () => Result): Result {
  return detector === undefined ? work() : tasks.run(new Task(name), work)
}

/** Who holds what and who waits for what, told by the primitives. */
export class DeadlockDetector {
  readonly #holds = new WeakMap<Resource, Map<object, Hold>>()
  readonly #waits = new WeakMap<Resource, Set<Wait>>()
  readonly #byWaiter = new WeakMap<object, Wait>()

  /** Somebody took it without waiting. */
  holds(resource: Resource, hold: object): void {
    this.#holdsOf(resource).set(hold, { task: tasks.getStore(), at: caller() })
  }

  /** Somebody entered the line, in its own turn. */
  waits(resource: Resource, waiter: Waiting): void {
    const wait: Wait = { task: tasks.getStore(), resource, waiter, at: caller() }
    this.#byWaiter.set(waiter, wait)
    let waits = this.#waits.get(resource)
    if (!waits) this.#waits.set(resource, (waits = new Set()))
    waits.add(wait)
    wait.task?.waits.add(wait)
    this.#check(wait)
  }

  /** One that waited has it now. */
  granted(resource: Resource, waiter: Waiting, hold: object): void {
    const wait = this.#byWaiter.get(waiter)
    if (wait) this.#forget(wait)
    this.#holdsOf(resource).set(hold, { task: wait?.task, at: wait?.at ?? 'an unknown line' })
  }

  gaveBack(resource: Resource, hold: object): void {
    this.#holdsOf(resource).delete(hold)
    // Whoever could still have gone on may have been this one.
    for (const wait of this.#waits.get(resource) ?? []) {
      if (wait.waiter.waiting) return this.#check(wait)
      this.#forget(wait)
    }
  }

  /** A hold lives on in another object. */
  passedOn(resource: Resource, from: object, to: object): void {
    const holds = this.#holdsOf(resource)
    const hold = holds.get(from)
    if (!hold) return
    holds.delete(from)
    holds.set(to, hold)
  }

  #holdsOf(resource: Resource): Map<object, Hold> {
    let holds = this.#holds.get(resource)
    if (!holds) this.#holds.set(resource, (holds = new Map()))
    return holds
  }

  #forget(wait: Wait): void {
    wait.task?.waits.delete(wait)
    this.#waits.get(wait.resource)?.delete(wait)
  }

  #check(wait: Wait): void {
    if (wait.task === undefined || !this.#stuck(wait.task)) return
    const error = this.#report(wait.task)
    this.#forget(wait)
    wait.waiter.leave(error)?.lookAgain()
  }

  /** Whether neither this task nor any that it waits for, near or far, can ever go on. */
  #stuck(task: Task): boolean {
    const perhaps = new Set([task])
    for (const each of perhaps) for (const holder of this.#holdersBefore(each)) if (holder) perhaps.add(holder)
    for (let changed = true; changed;) {
      changed = false
      for (const each of perhaps) {
        const waits = this.#waitsOf(each)
        const all = waits.length > 0 && waits.every((wait) => this.#neverFree(wait.resource, perhaps))
        if (!all) changed = perhaps.delete(each)
      }
    }
    return perhaps.has(task)
  }

  #neverFree(resource: Resource, stuck: ReadonlySet<Task>): boolean {
    const holds = this.#holds.get(resource)
    if (!holds?.size) return false
    for (const { task } of holds.values()) if (!task || !stuck.has(task)) return false
    return true
  }

  #waitsOf(task: Task): Wait[] {
    for (const wait of task.waits) if (!wait.waiter.waiting) this.#forget(wait)
    return [...task.waits]
  }

  #holdersBefore(task: Task): (Task | undefined)[] {
    return this.#waitsOf(task).flatMap(({ resource }) =>
      [...(this.#holds.get(resource)?.values() ?? [])].map(({ task }) => task),
    )
  }

  /** Follows the first holder of what is waited for until one comes again. */
  #report(start: Task): AndonError {
    const seen = new Set<Task>()
    let task: Task | undefined = start
    while (task && !seen.has(task)) {
      seen.add(task)
      task = this.#holdersBefore(task)[0]
    }
    const path = [...seen]
    const circle = path.slice(Math.max(0, task ? path.indexOf(task) : 0))
    const links = circle.map((each) => {
      const [wait] = this.#waitsOf(each)
      // What it holds is what the one before it waits for.
      const before = circle.at(circle.indexOf(each) - 1) ?? each
      const [wanted] = this.#waitsOf(before)
      const hold = [...((wanted && this.#holds.get(wanted.resource)?.values()) ?? [])].find(({ task }) => task === each)
      return {
        task: each.name,
        holds: wanted?.resource.title ?? '',
        heldSince: hold?.at ?? '',
        waitsFor: wait?.resource.title ?? '',
        waitsAt: wait?.at ?? '',
      }
    })
    const sentences = links.map(
      ({ task, holds, heldSince, waitsFor, waitsAt }) =>
        `the task "${task}" holds ${lower(holds)} (${heldSince}) and waits for ${lower(waitsFor)} (${waitsAt})`,
    )
    return new AndonError(
      'conflict',
      `Deadlock: ${sentences.join('; ')}. Take them in one order everywhere; make what runs side by side tasks of their own`,
      { detail: { deadlock: links } },
    )
  }
}

function lower(title: string): string {
  return title.slice(0, 1).toLowerCase() + title.slice(1)
}

/** The line outside of this folder that asked: `at work (file:///…/x.ts:3:5)`. */
function caller(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 16
  const lines = new Error().stack?.split('\n').slice(1) ?? []
  Error.stackTraceLimit = stackTraceLimit
  const own = new URL('.', import.meta.url).href
  const line = lines.find((line) => {
    const at = line.indexOf(own)
    return at < 0 || /\.(test|fixture)\.[jt]s/.test(line)
  })
  return line?.trim() ?? 'at an unknown line'
}

if (process.env['ANDON_DEADLOCKS'] === '1') watchDeadlocks()
