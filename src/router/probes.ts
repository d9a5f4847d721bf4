// Asks endpoints whether they are well: those that are thought to be down, so that they are used again soon after they
// have come back, and those whose owner wants it regularly.

import { serverPaths } from '../models/profiles.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { SideQuestions } from './side-questions.ts'

/** A server that is well answers at once; one that needs longer is not. */
const timeoutMs = 2_000
/** Questions that one endpoint may owe an answer to at once. */
const mostOwed = 4

export class Probes implements Disposable {
  readonly #questions: SideQuestions
  readonly #told: (name: string, ok: boolean) => void
  readonly #endpoints = new Map<string, EndpointSettings>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  /** How many questions an endpoint has not answered yet. */
  readonly #underWay = new Map<string, number>()
  /** Number of the latest question of each that was answered, or given up: what is older says nothing new. */
  readonly #heard = new Map<string, number>()
  #asked = 0

  /** `told` hears what each question found. */
  constructor(questions: SideQuestions, told: (name: string, ok: boolean) => void) {
    this.#questions = questions
    this.#told = told
  }

  /** These are the endpoints from now on. */
  update(endpoints: readonly EndpointSettings[]): void {
    this[Symbol.dispose]()
    for (const endpoint of endpoints) {
      this.#endpoints.set(endpoint.name, endpoint)
      if (!endpoint.probe) continue
      const timer = setInterval(() => this.ask(endpoint.name), endpoint.probe.everyMs).unref()
      this.#timers.set(endpoint.name, timer)
    }
  }

  /**
   * Asks one now, unless it owes several answers: one that hangs answers the question that comes after it has come back,
   * and perhaps none before.
   */
  ask(name: string): void {
    const endpoint = this.#endpoints.get(name)
    const owed = this.#underWay.get(name) ?? 0
    if (!endpoint || owed >= mostOwed) return
    this.#underWay.set(name, owed + 1)
    const number = ++this.#asked
    const path = endpoint.probe?.path ?? serverPaths[endpoint.protocol].health
    this.#questions.ask(endpoint, path, timeoutMs).then(
      // One that has no such path, or wants another key for it, is there all the same.
      ({ status }) => this.#hear(endpoint, number, status < 500 && status !== 429),
      () => this.#hear(endpoint, number, false),
    )
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearInterval(timer)
    this.#timers.clear()
    this.#endpoints.clear()
  }

  #hear(endpoint: EndpointSettings, number: number, ok: boolean): void {
    this.#underWay.set(endpoint.name, (this.#underWay.get(endpoint.name) ?? 1) - 1)
    if (number < (this.#heard.get(endpoint.name) ?? 0)) return
    this.#heard.set(endpoint.name, number)
    if (this.#endpoints.get(endpoint.name) === endpoint) this.#told(endpoint.name, ok)
  }
}
