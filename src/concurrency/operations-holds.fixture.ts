// Random operations on what is held and given back, beside a plain model of it.

import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Held } from './held.ts'
import { Lock } from './lock.ts'
import { chance, heard, left } from './operations.fixture.ts'
import { ReadWriteLock } from './read-write-lock.ts'
import { Semaphore } from './semaphore.ts'

interface Asked {
  id: number
  weight: number
  controller: AbortController
}

/** Those who ask for holds, what they have heard, and how they leave. */
class Askers {
  readonly heard: string[] = []
  readonly holds = new Map<number, Held>()
  #ids = 0

  ask(weight: number, acquire: (options: { signal: AbortSignal }) => Promise<Held>): Asked {
    const asked = { id: this.#ids++, weight, controller: new AbortController() }
    acquire({ signal: asked.controller.signal }).then(
      (held) => {
        this.heard.push(`has ${asked.id}`)
        this.holds.set(asked.id, held)
      },
      (reason: unknown) => this.heard.push(reason === left ? `left ${asked.id}` : String(reason)),
    )
    return asked
  }

  release(id: number): void {
    const held = this.holds.get(id)
    ok(held?.held)
    held.release()
    held.release()
    this.holds.delete(id)
  }
}

/** A lock, and a semaphore with weights, beside a line and a count. */
export async function semaphoreAndLock(rounds: number): Promise<void> {
  for (const permits of [1, 5]) {
    const random = chance(permits)
    const semaphore = new Semaphore(permits)
    const lock = new Lock()
    const askers = new Askers()
    const expected: string[] = []
    const line: Asked[] = []
    const out: Asked[] = []
    let free = permits
    const serve = (): void => {
      for (let first = line[0]; first && first.weight <= free; first = line[0]) {
        line.shift()
        free -= first.weight
        out.push(first)
        expected.push(`has ${first.id}`)
      }
    }
    for (let round = 0; round < rounds / 2; round++) {
      const choice = random(10)
      if (choice < 5 && line.length < 40) {
        const weight = 1 + random(permits)
        line.push(
          askers.ask(weight, (options) =>
            permits === 1 ? lock.acquire(options) : semaphore.acquire({ ...options, weight }),
          ),
        )
        serve()
      } else if (choice < 8 && out.length > 0) {
        const [given] = out.splice(random(out.length), 1)
        if (!given) continue
        free += given.weight
        askers.release(given.id)
        serve()
      } else if (choice === 8 && line.length > 0) {
        const [leaver] = line.splice(random(line.length), 1)
        if (!leaver) continue
        leaver.controller.abort(left)
        expected.push(`left ${leaver.id}`)
        serve()
      } else if (choice === 9) {
        const taken = permits === 1 ? lock.tryAcquire() : semaphore.tryAcquire(1)
        equal(taken !== undefined, line.length === 0 && free >= 1)
        taken?.release()
      }
      await heard()
      // Within one round the one who leaves and those who are served hear in either order.
      deepEqual(askers.heard.sort(), expected.sort())
      askers.heard.length = expected.length = 0
      if (permits === 1) deepEqual([lock.held, lock.waiting], [free === 0, line.length])
      else deepEqual([semaphore.available, semaphore.waiting], [free, line.length])
    }
  }
}

/** A read/write lock beside two lines that take turns. */
export async function readWriteLock(rounds: number): Promise<void> {
  const random = chance(3)
  const lock = new ReadWriteLock()
  const askers = new Askers()
  const expected: string[] = []
  const lines = { read: [] as Asked[], write: [] as Asked[] }
  const out = { read: [] as Asked[], write: [] as Asked[] }
  const enter = (side: 'read' | 'write'): void => {
    const asked = lines[side].shift()
    if (!asked) return
    out[side].push(asked)
    expected.push(`has ${asked.id}`)
  }
  const readersIn = (): void => {
    while (lines.read.length > 0) enter('read')
  }
  for (let round = 0; round < rounds; round++) {
    const choice = random(10)
    const side = random(3) === 0 ? 'write' : 'read'
    if (choice < 5 && lines.read.length + lines.write.length < 30) {
      lines[side].push(
        askers.ask(1, (options) => (side === 'read' ? lock.acquireRead(options) : lock.acquireWrite(options))),
      )
      const clear = out.write.length === 0 && (side === 'read' ? lines.write.length === 0 : out.read.length === 0)
      if (clear) enter(side)
    } else if (choice < 9) {
      const from = out.write.length > 0 ? 'write' : 'read'
      const [given] = out[from].splice(random(Math.max(1, out[from].length)), 1)
      if (!given) continue
      askers.release(given.id)
      if (from === 'write' && lines.read.length > 0) readersIn()
      else if (out.read.length === 0) enter('write')
    } else {
      const [leaver] = lines[side].splice(random(Math.max(1, lines[side].length)), 1)
      if (!leaver) continue
      leaver.controller.abort(left)
      expected.push(`left ${leaver.id}`)
      if (out.write.length === 0 && lines.write.length === 0) readersIn()
    }
    await heard()
    deepEqual(askers.heard.sort(), expected.sort())
    askers.heard.length = expected.length = 0
    deepEqual(
      [lock.reading, lock.writing, lock.waiting],
      [out.read.length, out.write.length === 1, lines.read.length + lines.write.length],
    )
  }
}
