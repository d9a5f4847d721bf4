// One version of an answer: asked for, read as it comes, stopped, or read from its record. The page is told of it at
// most once a frame.

import { signal, type Signal } from '@preact/signals'
import type { AnswerRecord } from '../../../../src/core/answer-record.ts'
import { ApiError, getJson } from '../../api/client.ts'
import { retryMs, untilReached } from '../../api/connection.ts'
import { key } from '../../api/key.ts'
import { ask, follow, stopAnswer, type AskBody } from '../../api/stream.ts'
import { begun, noteAsking, over } from './running.ts'
import { afterEvent, isUnderWay, ofRecord, untold, type Hindrance, type Told } from './telling.ts'

export class Version {
  /** What is known of it. */
  readonly told: Signal<Told>
  /** Whether the line is lost while it is read. */
  readonly lost = signal(false)
  /** Starts of sentences that the reader left out. */
  readonly leftOut = signal<readonly number[]>([])
  #next: Told
  #frame: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #wake: (() => void) | undefined
  #leaving = new AbortController()
  #stopWanted = false
  #fetched: boolean

  constructor(told: Told = untold) {
    this.#next = told
    this.told = signal(told)
    this.#fetched = told.whole
  }

  /** Asks, again and again while the server has no place or does not answer, and reads to the end. Never throws. */
  async ask(body: AskBody): Promise<void> {
    // Asked twice because the reply was lost, it is still one question.
    const once = randomId()
    const { signal: leaving } = this.#leaving
    noteAsking(body.question)
    this.#tell({ ...untold })
    for (;;) {
      try {
        const events = ask(body, { signal: leaving, once, onLost: (lost) => (this.lost.value = lost) })
        await this.#read(events, (answer) => {
          noteAsking(undefined)
          begun({
            session: body.session_id ?? '',
            answer,
            question: body.question,
            ...(body.retry_of === undefined ? {} : { retryOf: body.retry_of }),
          })
        })
        return
      } catch (reason) {
        if (leaving.aborted) return
        const hindrance = hindranceOf(reason)
        if (hindrance === undefined || this.#next.phase === 'running') return this.#fail(reason)
        this.#tell({ ...untold, phase: 'hindered', hindrance })
        await this.#until(hindrance)
        if (leaving.aborted) return
      }
    }
  }

  /** Reads an answer that somebody asked for, from its first event to its end. Never throws. */
  async follow(id: string): Promise<void> {
    try {
      this.#tell({ ...untold, id, phase: 'running' })
      const { signal: leaving } = this.#leaving
      await this.#read(follow(id, { signal: leaving, onLost: (lost) => (this.lost.value = lost) }))
    } catch (reason) {
      if (!this.#leaving.signal.aborted) this.#fail(reason)
    }
  }

  /** Reads the record, once, when only the text is known. What the conversation kept stays when there is none. */
  async fetch(): Promise<void> {
    const { id } = this.#next
    if (this.#fetched || id === undefined) return
    this.#fetched = true
    try {
      const record = await getJson<AnswerRecord>(`/v1/answers/${encodeURIComponent(id)}`)
      if (record.state === 'running') await this.follow(id)
      else this.#tell({ ...ofRecord(record), id }, true)
    } catch (reason) {
      // Records are kept for a time, conversations for longer.
      if (!(reason instanceof ApiError && reason.status === 404)) this.#fetched = false
    }
  }

  /** Tries at once what waits to be tried again. */
  tryNow(): void {
    this.#wake?.()
  }

  /** Ends it: what was said stays. One that is not asked yet is not asked. */
  async stop(): Promise<void> {
    const { id, phase } = this.#next
    if (phase === 'hindered') return this.leave()
    this.#stopWanted = true
    if (id !== undefined) await stopAnswer(id).catch(() => undefined)
  }

  /** Stops reading and waiting. */
  leave(): void {
    noteAsking(undefined)
    this.#leaving.abort()
    this.#wake?.()
    if (isUnderWay(this.#next)) this.#tell({ ...this.#next, phase: 'stopped' }, true)
  }

  async #read(events: ReturnType<typeof follow>, onId?: (id: string) => void): Promise<void> {
    for await (const { event } of events) {
      if (event.type === 'answer-start') {
        onId?.(event.id)
        if (this.#stopWanted) void stopAnswer(event.id).catch(() => undefined)
      }
      const next = afterEvent(this.#next, event)
      this.#tell(next, !isUnderWay(next))
    }
    this.lost.value = false
    if (this.#next.id !== undefined) over(this.#next.id)
    // A line that ends without the last event: the record knows how it ended.
    if (isUnderWay(this.#next)) {
      this.#fetched = false
      await this.fetch()
    }
  }

  #fail(reason: unknown): void {
    noteAsking(undefined)
    const { id } = this.#next
    if (id !== undefined) over(id)
    const error =
      reason instanceof ApiError
        ? { code: reason.code, message: reason.detail }
        : { code: 'internal', message: String(reason) }
    this.#tell({ ...this.#next, phase: error.code === 'cancelled' ? 'stopped' : 'failed', error }, true)
  }

  async #until(hindrance: Hindrance): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    if (hindrance.kind === 'offline') untilReached(this.#leaving.signal).then(resolve, resolve)
    // Signing in is what it waits for.
    const first = key.value
    const stop = key.subscribe((now) => hindrance.kind === 'sign-in' && now !== first && resolve())
    await promise
    stop()
    this.#wake = undefined
  }

  #tell(next: Told, atOnce = false): void {
    this.#next = next
    const show = (): void => {
      if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
      clearTimeout(this.#timer)
      this.#frame = undefined
      this.#timer = undefined
      this.told.value = this.#next
    }
    if (atOnce) return show()
    if (this.#frame !== undefined) return
    this.#frame = requestAnimationFrame(show)
    // A page that nobody sees has no frames.
    this.#timer = setTimeout(show, 500)
  }
}

/** An id of this page's own. (crypto.randomUUID is not there on plain HTTP.) */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function hindranceOf(reason: unknown): Hindrance | undefined {
  if (!(reason instanceof ApiError)) return undefined
  const { status, code, detail, crowd } = reason
  const at = performance.now()
  if (code === 'offline') return { kind: 'offline', at, detail, retryMs }
  if (status === 401) return { kind: 'sign-in', at, detail, retryMs }
  if (status !== 429 && status !== 503) return undefined
  return {
    kind: 'busy',
    at,
    detail,
    // Quotas of a day ask for hours: then it is said, and tried again less often than a browser sleeps.
    retryMs: Math.min(Math.max(reason.retryAfterMs ?? 5000, 1000), 600_000),
    ...(typeof crowd?.['places'] === 'number' ? { places: crowd['places'] } : {}),
    ...(typeof crowd?.['ahead'] === 'number' ? { ahead: crowd['ahead'] } : {}),
  }
}
