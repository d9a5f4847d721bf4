// Asks endpoints whether they are well: those that are thought to be down, so that they are used again soon after they
// have come back, and those whose owner wants it regularly.

import { serverPaths } from '../models/profiles.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { SideQuestions } from './side-questions.ts'

/** A server that is well answers at once; one that needs longer is not. */
const timeoutMs = 2_000

export class Probes implements Disposable {
  readonly #questions: SideQuestions
  readonly #told: (name: string, ok: boolean) => void
  readonly #endpoints = new Map<string, EndpointSettings>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #underWay = new Set<string>()

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

  /** Asks one now, unless it is being asked. */
  ask(name: string): void {
    const endpoint = this.#endpoints.get(name)
    if (!endpoint || this.#underWay.has(name)) return
    this.#underWay.add(name)
    const path = endpoint.probe?.path ?? serverPaths[endpoint.protocol].health
    this.#questions.ask(endpoint, path, timeoutMs).then(
      // One that has no such path, or wants another key for it, is there all the same.
      ({ status }) => this.#hear(endpoint, status < 500 && status !== 429),
      () => this.#hear(endpoint, false),
    )
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearInterval(timer)
    this.#timers.clear()
    this.#endpoints.clear()
  }

  #hear(endpoint: EndpointSettings, ok: boolean): void {
    this.#underWay.delete(endpoint.name)
    if (this.#endpoints.get(endpoint.name) === endpoint) this.#told(endpoint.name, ok)
  }
}
