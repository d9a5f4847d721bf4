// Whether answers may call tools: chosen beside the question, and kept in this browser.

import { computed, signal } from '@preact/signals'
import type { ToolView } from '../../../../src/core/tooling.ts'
import { getJson } from '../../api/client.ts'
import { line } from '../../api/connection.ts'
import { kept } from '../../kept.ts'

/** What was chosen. */
export const withTools = kept('tools', ['on', 'off'], 'on')

const found = signal<readonly ToolView[]>([])
/** What the options offer when a question does not say: `all`, `none`, or names with commas between. */
const usual = signal('all')

/** How many tools a model can call now; without a model none. */
export const offered = computed(() => {
  const { models } = line.value ?? {}
  if (models !== undefined && models.chat === undefined) return 0
  const named = usual.value.split(',').map((name) => name.trim())
  return found.value
    .filter(({ enabled, state, permission }) => enabled && state === 'ready' && permission !== 'deny')
    .filter(({ name }) => usual.value === 'all' || named.includes(name)).length
})

/** What the choice adds to a question: nothing leaves it to the options of the server. */
export const toolsOfQuestion = computed(() => (withTools.value === 'off' && offered.value > 0 ? { tools: false } : {}))

/** Reads the tools again. What was read stays when that fails. */
export async function lookForTools(): Promise<void> {
  try {
    const [{ tools }, { settings }] = await Promise.all([
      getJson<{ tools: ToolView[] }>('/v1/tools'),
      getJson<{ settings: { key: string; values?: Record<string, unknown> }[] }>('/v1/status'),
    ])
    const offer = settings.find(({ key }) => key === 'tools')?.values?.['offer']
    usual.value = typeof offer === 'string' ? offer : 'all'
    found.value = tools
  } catch {
    // It is asked again with the next page.
  }
}
