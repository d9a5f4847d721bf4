// Finding tools in a large registry: a tool that searches the tools, so that a model need not read them all.

import { Bm25 } from './bm25.ts'
import type { ClosureDefinition } from './definition.ts'
import type { JsonSchema, Tool, ToolResult } from './tool.ts'

/** Name of the tool that finds tools. */
export const discoverTools = 'discover_tools'

/** One line about a tool. */
export interface ToolSummary {
  name: string
  summary: string
  tags: readonly string[]
  deferred: boolean
}

/** A tool that was found, with what is needed to call it. */
export interface FoundTool {
  name: string
  description: string
  input: JsonSchema
}

const mostFound = 20

/** Searches the tools that are switched on, by names, descriptions, tags and arguments. */
export class Discovery {
  readonly #tools: () => readonly Tool[]
  #index: Bm25<Tool> | undefined

  constructor(tools: () => readonly Tool[]) {
    this.#tools = tools
  }

  /** The tools have changed: the index is made anew when it is next needed. */
  forget(): void {
    this.#index = undefined
  }

  /** Best first. */
  find(query: string, most = 5): FoundTool[] {
    this.#index ??= this.#make()
    return this.#index
      .search(spaced(query), most)
      .map(({ entry }) => ({ name: entry.name, description: entry.description, input: entry.input }))
  }

  #make(): Bm25<Tool> {
    const index = new Bm25<Tool>()
    for (const tool of this.#tools()) {
      if (!tool.enabled || tool.name === discoverTools) continue
      index.add(tool, [
        { text: `${spaced(tool.name)} ${tool.title ?? ''}`, weight: 3 },
        { text: tool.tags.map(spaced).join(' '), weight: 2 },
        { text: tool.description, weight: 1 },
        { text: argumentWords(tool.input), weight: 0.5 },
      ])
    }
    return index
  }

  /** The tool itself. It reads the registry, so it runs beside it. */
  definition(): ClosureDefinition {
    return {
      name: discoverTools,
      description:
        'Finds more tools by what they do. Say in a few words what is to be done; the tools that are found can then be ' +
        'called by their names, with arguments of their input schemas.',
      input: {
        type: 'object',
        properties: {
          query: { type: 'string', minLength: 1, description: 'What is to be done, in a few words' },
          limit: { type: 'integer', minimum: 1, maximum: mostFound, default: 5 },
        },
        required: ['query'],
        additionalProperties: false,
      },
      traits: { readOnly: true },
      mode: 'inline',
      run: ({ query, limit }: { query: string; limit: number }) => ({ tools: this.find(query, limit) }),
    }
  }
}

/** One line about each tool. */
export function summaryOf({ name, description, tags, deferred }: Tool): ToolSummary {
  const [line = ''] = description.trim().split('\n')
  const [, sentence = line] = /^(.+?[.。!?！？])(?:\s|$|(?<=[。！？]))/u.exec(line) ?? []
  return { name, summary: sentence.slice(0, 200), tags, deferred }
}

/** Names of the tools that `discover_tools` found, to be given to `schemas` as `also`. */
export function discoveredIn(results: readonly ToolResult[]): string[] {
  const names = new Set<string>()
  for (const { name, value } of results) {
    if (name !== discoverTools || typeof value !== 'object' || value === null || !('tools' in value)) continue
    const { tools } = value as { tools: unknown }
    if (!Array.isArray(tools)) continue
    for (const tool of tools as { name?: unknown }[]) if (typeof tool?.name === 'string') names.add(tool.name)
  }
  return [...names]
}

/** `readFile`, `read_file` and `read-file` are two words. */
function spaced(name: string): string {
  return name.replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2').replaceAll(/[_-]+/g, ' ')
}

function argumentWords({ properties }: JsonSchema): string {
  if (typeof properties !== 'object' || properties === null) return ''
  return Object.entries(properties as Record<string, { description?: unknown } | null>)
    .map(([name, said]) => `${spaced(name)} ${typeof said?.description === 'string' ? said.description : ''}`)
    .join(' ')
}
