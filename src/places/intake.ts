// The order in which a far side takes up what it hears: a little at a time, so that between calls that compute it
// still sends results and hears cancellations, and says which calls it has taken before it starts them.

import type { Frame } from './port.ts'

/** After this many milliseconds of starting calls the event loop gets its turn. */
const sliceMs = 2

/** Most calls that are taken in one step. */
const longestStep = 256

export interface IntakeEvents {
  /** Calls up to this id will start next. */
  take(id: number): void
  handle(frame: Frame): void
  /** The call was cancelled before it was started. */
  dropped(frame: Frame & { kind: 'call' }, cancel: Frame & { kind: 'cancel' }): void
}

/** Frames wait here in order. Credit, pings and cancellations do not wait. */
export class Intake {
  readonly #events: IntakeEvents
  #backlog: Frame[] = []
  #next = 0
  #taken = 0
  /** Calls per step: doubles while starting them takes next to no time, and falls back to 1 when it does. */
  #step = 1
  #scheduled = false

  constructor(events: IntakeEvents) {
    this.#events = events
  }

  hear(frames: Frame[]): void {
    if (this.#backlog.length === 0) this.#backlog = frames
    else for (const frame of frames) this.#add(frame)
    if (!this.#scheduled) this.#work()
  }

  #add(frame: Frame): void {
    if (frame.kind === 'cancel') {
      const at = this.#backlog.findIndex((each, index) => {
        return index >= this.#next && each.kind === 'call' && each.id === frame.id
      })
      const [call] = at < 0 ? [] : this.#backlog.splice(at, 1)
      if (call?.kind === 'call') this.#events.dropped(call, frame)
      else this.#events.handle(frame)
    } else if (frame.kind === 'credit' || frame.kind === 'ping') this.#events.handle(frame)
    else this.#backlog.push(frame)
  }

  readonly #work = (): void => {
    this.#scheduled = false
    const start = performance.now()
    let before = start
    for (let frame = this.#backlog[this.#next]; frame; frame = this.#backlog[this.#next]) {
      if (frame.kind === 'call' && frame.id > this.#taken) this.#take()
      this.#next++
      this.#events.handle(frame)
      const now = performance.now()
      if (now - before > sliceMs / 4) this.#step = 1
      before = now
      if (now - start > sliceMs && this.#next < this.#backlog.length) {
        this.#scheduled = true
        setImmediate(this.#work)
        return
      }
    }
    this.#backlog = []
    this.#next = 0
  }

  /** Takes the next few calls. One that blocks this thread could not say any more that it has started. */
  #take(): void {
    let left = this.#step
    for (let index = this.#next; index < this.#backlog.length && left > 0; index++) {
      const frame = this.#backlog[index]
      if (frame?.kind !== 'call') continue
      this.#taken = frame.id
      left--
    }
    this.#step = Math.min(longestStep, this.#step * 2)
    this.#events.take(this.#taken)
  }
}
