// How the tools are: which sources give none, and which tools cannot run here. Health is asked for often, and must not
// wait: it hears what was seen a moment ago.

import { AndonError } from '../core/errors.ts'
import type { HealthPart } from '../core/factory.ts'
import type { ToolRunner } from './tool-runner.ts'

/** How old a look may be, and how long one is waited for, in milliseconds. */
const freshMs = 5_000
const patienceMs = 400

export class ToolHealth {
  readonly #look: () => Promise<HealthPart[]>
  #seen: HealthPart[] = [{ name: 'tools', ok: true, message: 'They are being made ready.' }]
  #seenAt = -Infinity
  #looking: Promise<void> | undefined

  constructor(runner: Pick<ToolRunner, 'tools'>, tenant: string) {
    this.#look = () => partsOf(runner, tenant)
  }

  /** One part for what is ready, and one for each thing that is not. Never throws. */
  async read(): Promise<HealthPart[]> {
    if (performance.now() - this.#seenAt > freshMs) {
      this.#looking ??= this.#refresh()
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, patienceMs)
      await Promise.race([this.#looking, late.promise])
      clearTimeout(timer)
    }
    return this.#seen
  }

  /** Something was changed: the next look is a new one. */
  forget(): void {
    this.#seenAt = -Infinity
  }

  async #refresh(): Promise<void> {
    this.#seen = await this.#look()
    this.#seenAt = performance.now()
    this.#looking = undefined
  }
}

async function partsOf(runner: Pick<ToolRunner, 'tools'>, tenant: string): Promise<HealthPart[]> {
  try {
    const { tools, sources } = await runner.tools(tenant)
    const names = tools.flatMap(({ card, enabled }) => (enabled && card.state === 'ready' ? card.name : []))
    const shown = names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ')
    const impossible = new Map(
      tools.flatMap(({ card }) => (card.state === 'impossible' ? [[card.reason ?? '', card.name]] : [])),
    )
    return [
      { name: 'tools', ok: true, message: names.length === 0 ? 'None is ready.' : `Ready: ${shown}.` },
      // Nothing is broken: it is not there.
      ...Array.from(impossible, ([reason, name]) => ({ name: `tool ${name}`, ok: true, message: reason })),
      ...sources.flatMap(({ name, problem }) =>
        problem === undefined ? [] : [{ name: `tools of ${name}`, ok: false, message: problem }],
      ),
    ]
  } catch (reason) {
    return [{ name: 'tools', ok: false, message: AndonError.from(reason).sentence }]
  }
}
