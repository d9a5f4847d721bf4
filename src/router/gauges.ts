// Reads what servers say of themselves in Prometheus' text format: how many requests run and wait there, of all their
// users, and how full the KV cache is. Once a second, and only as a hint.

import { serverPaths } from '../models/profiles.ts'
import { serverGauges } from '../models/server-gauges.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { Hint } from './learnt.ts'
import type { SideQuestions } from './side-questions.ts'

const everyMs = 1_000

const aliases: Readonly<Record<keyof Hint, readonly string[]>> = serverGauges

/**
 * The gauges in a page of metrics, or undefined when it has none of them. Requests are added up over all label sets
 * (engines, models); of cache usage the fullest counts. What is not told is 0.
 */
export function readGauges(text: string): Hint | undefined {
  const found = new Map<string, number[]>()
  for (const [, name, value] of text.matchAll(/^([a-z]+:\w+)(?:\{[^\n]*\})?[ \t]+([\d.eE+-]+)/gm)) {
    if (name === undefined || value === undefined || !known.has(name)) continue
    const number = Number(value)
    if (!Number.isFinite(number) || number < 0) continue
    const values = found.get(name)
    if (values) values.push(number)
    else found.set(name, [number])
  }
  if (found.size === 0) return undefined
  const valuesOf = (gauge: keyof Hint): number[] => {
    const name = aliases[gauge].find((alias) => found.has(alias))
    return name === undefined ? [] : (found.get(name) ?? [])
  }
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
  return {
    running: sum(valuesOf('running')),
    waiting: sum(valuesOf('waiting')),
    kvUsage: Math.min(1, Math.max(0, ...valuesOf('kvUsage'))),
  }
}

const known = new Set(Object.values(aliases).flat())

export class Gauges implements Disposable {
  readonly #questions: SideQuestions
  readonly #told: (name: string, hint: Hint) => void
  /** By the names of endpoints. */
  readonly #read = new Map<string, { readonly endpoint: EndpointSettings; readonly timer: NodeJS.Timeout }>()

  /** `told` hears the gauges of an endpoint each time they could be read. */
  constructor(questions: SideQuestions, told: (name: string, hint: Hint) => void) {
    this.#questions = questions
    this.#told = told
  }

  /**
   * These are the endpoints from now on; only those with `metrics` are read. One whose settings are the same object goes
   * on as it was.
   */
  update(endpoints: readonly EndpointSettings[]): void {
    const wanted = new Set(endpoints)
    for (const [name, { endpoint, timer }] of this.#read) {
      if (wanted.has(endpoint)) continue
      clearInterval(timer)
      this.#read.delete(name)
    }
    for (const endpoint of endpoints) if (endpoint.metrics && !this.#read.has(endpoint.name)) this.#begin(endpoint)
  }

  [Symbol.dispose](): void {
    this.update([])
  }

  #begin(endpoint: EndpointSettings): void {
    const { name, protocol } = endpoint
    const path = serverPaths[protocol].metrics ?? '/metrics'
    let asking = false
    const read = async (): Promise<void> => {
      if (asking) return
      asking = true
      try {
        const { status, text } = await this.#questions.ask(endpoint, path, everyMs)
        const hint = status === 200 ? readGauges(text) : undefined
        if (hint && this.#read.get(name)?.timer === timer) this.#told(name, hint)
      } catch {
        // Without a hint it is chosen by what is known of it here.
      } finally {
        asking = false
      }
    }
    const timer = setInterval(() => void read(), everyMs).unref()
    this.#read.set(name, { endpoint, timer })
    void read()
  }
}
