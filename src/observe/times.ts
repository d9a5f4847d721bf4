// A histogram of prom-client that counts by one label as plain numbers, and makes of them what Prometheus reads only when
// it reads. Elsewhere each observation finds its labels among all others, which costs more than what is observed.

import { Histogram, type HistogramConfiguration } from 'prom-client'

interface Counted {
  /** How many were in each bucket, and above all of them. */
  readonly buckets: number[]
  sum: number
  count: number
}

/** As prom-client has them: labels of one value, and those that it shares with the others of its histogram. */
interface Value {
  readonly labels: Record<string, string | number>
  readonly sharedLabels: Record<string, string>
  readonly value: number
  readonly metricName: string
}

/** Seconds by one label. `observe` of prom-client is not for it: `add` is. */
export class Times<Label extends string> extends Histogram<Label> {
  readonly #configuration: HistogramConfiguration<Label>
  readonly #label: Label
  readonly #bounds: readonly number[]
  readonly #counted = new Map<string, Counted>()

  constructor(configuration: HistogramConfiguration<Label> & { buckets: number[]; labelNames: [Label] }) {
    super(configuration)
    this.#configuration = configuration
    this.#label = configuration.labelNames[0]
    this.#bounds = configuration.buckets
  }

  add(of: string, seconds: number): void {
    let counted = this.#counted.get(of)
    if (counted === undefined) {
      counted = { buckets: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0, count: 0 }
      this.#counted.set(of, counted)
    }
    let at = 0
    for (const bound of this.#bounds) {
      if (seconds <= bound) break
      at++
    }
    counted.buckets[at] = (counted.buckets[at] ?? 0) + 1
    counted.sum += seconds
    counted.count++
  }

  /** What prom-client asks for, whether it writes text or JSON. */
  async getForPromString(): Promise<object> {
    const { name, help, aggregator = 'sum' } = this.#configuration
    const values: Value[] = []
    for (const [of, { buckets, sum, count }] of this.#counted) {
      const sharedLabels = { [this.#label]: of }
      const add = (what: string, value: number, labels: Value['labels'] = {}): void => {
        values.push({ labels, sharedLabels, value, metricName: `${name}_${what}` })
      }
      let most = 0
      for (const [at, bound] of this.#bounds.entries()) {
        most += buckets[at] ?? 0
        add('bucket', most, { le: bound })
      }
      add('bucket', count, { le: '+Inf' })
      add('sum', sum)
      add('count', count)
    }
    return { name, help, type: 'histogram', aggregator, values }
  }
}
