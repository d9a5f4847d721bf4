// Asks endpoints whether they are well: those that are thought to be down, so that they are used again soon after they
// have come back, and those whose owner wants it regularly.

import { serverPaths } from '../models/profiles.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { SideQuestions } from './side-questions.ts'

/** A server that is well answers at once; one that needs longer is not. */
const timeoutMs = 2_000
/** Questions that one endpoint may owe an answer to at once. */
const mostOwed = 4

/** One endpoint that is asked, and what it owes. */
interface Asked {
  readonly endpoint: EndpointSettings
  readonly timer: NodeJS.Timeout | undefined
  /** Questions that it has not answered yet. */
  owed: number
  /** Number of the latest question that it answered, or that was given up: what is older says nothing new. */
  heard: number
}

export class Probes implements Disposable {
  readonly #questions: SideQuestions
  readonly #told: (name: string, ok: boolean) => void
  readonly #asked = new Map<string, Asked>()
  #questionsAsked = 0

  /** `told` hears what each question found. */
  constructor(questions: SideQuestions, told: (name: string, ok: boolean) => void) {
    this.#questions = questions
    this.#told = told
  }

  /** These are the endpoints from now on. One whose settings are the same object goes on as it was. */
  update(endpoints: readonly EndpointSettings[]): void {
    const wanted = new Set(endpoints)
    for (const [name, { endpoint, timer }] of this.#asked) {
      if (wanted.has(endpoint)) continue
      clearInterval(timer)
      this.#asked.delete(name)
    }
    for (const endpoint of endpoints) {
      const { name, probe } = endpoint
      if (this.#asked.has(name)) continue
      const timer = probe && setInterval(() => this.ask(name), probe.everyMs).unref()
      this.#asked.set(name, { endpoint, timer, owed: 0, heard: 0 })
    }
  }

  /**
   * Asks one now, unless it owes several answers: one that hangs answers the question that comes after it has come back,
   * and perhaps none before.
   */
  ask(name: string): void {
    const asked = this.#asked.get(name)
    if (!asked || asked.owed >= mostOwed) return
    asked.owed++
    const number = ++this.#questionsAsked
    const { endpoint } = asked
    const path = endpoint.probe?.path ?? serverPaths[endpoint.protocol].health
    this.#questions.ask(endpoint, path, timeoutMs).then(
      // One that has no such path, or wants another key for it, is there all the same.
      ({ status }) => this.#hear(asked, number, status < 500 && status !== 429),
      () => this.#hear(asked, number, false),
    )
  }

  [Symbol.dispose](): void {
    this.update([])
  }

  #hear(asked: Asked, number: number, ok: boolean): void {
    const { name } = asked.endpoint
    asked.owed--
    if (number < asked.heard) return
    asked.heard = number
    if (this.#asked.get(name) === asked) this.#told(name, ok)
  }
}
