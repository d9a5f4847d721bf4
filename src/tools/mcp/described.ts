// The tools of a server as definitions of this house. What a server says of itself is data: it is bounded, and believed
// only as far as the options say.

import { createHash } from 'node:crypto'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { RemoteDefinition, ToolDescription } from '../definition.ts'
import { glob } from '../glob.ts'
import { fittingName } from '../names.ts'
import type { JsonSchema, RemoteSource, ToolTraits } from '../tool.ts'
import type { McpOptions } from './options.ts'
import type { McpOperation } from './server.ts'

/** Characters of a description; the rest is cut off. */
const longestDescription = 4_000
/** Characters of a schema as JSON. */
const longestSchema = 128 * 1_024
/** Bytes of a result, unless the options say: pictures are large. */
const outputBytes = 8 * 2 ** 20

type Fields = { readonly [key: string]: Plain | undefined }

/** Definitions, and why tools were left out that no definition can be made of. */
export interface Described {
  definitions: RemoteDefinition[]
  leftOut: string[]
}

/** Describes the tools of a list that the options choose. */
export function describeTools(
  tools: readonly Plain[],
  connection: RemoteSource['connection'],
  namespace: string | undefined,
  options: McpOptions,
): Described {
  const chosen = choice(options)
  const definitions: RemoteDefinition[] = []
  const leftOut: string[] = []
  const names = new Set<string>()
  for (const tool of tools) {
    const said = isFields(tool) ? tool['name'] : undefined
    if (!isFields(tool) || typeof said !== 'string' || said === '') {
      leftOut.push(`${JSON.stringify(tool)?.slice(0, 80)} has no name`)
      continue
    }
    if (!chosen(said)) continue
    const definition = define(said, tool, connection, options)
    if (typeof definition === 'string') {
      leftOut.push(`${said} ${definition}`)
      continue
    }
    const name = unlike(names, definition.name, said, namespace)
    names.add(name)
    definitions.push({ ...definition, name, ...(namespace === undefined ? {} : { namespace }) })
  }
  return { definitions, leftOut }
}

/** A definition, or why there is none. */
function define(
  said: string,
  tool: Fields,
  connection: RemoteSource['connection'],
  options: McpOptions,
): RemoteDefinition | string {
  const { title, description, inputSchema, outputSchema, annotations } = tool
  for (const schema of [inputSchema, outputSchema]) {
    if (schema !== undefined && !isFields(schema)) return 'has a schema that is no object'
    if (JSON.stringify(schema ?? {}).length > longestSchema)
      return `has a schema of more than ${longestSchema} characters`
  }
  const hints = isFields(annotations) ? annotations : {}
  const shown = title ?? hints['title']
  const own: Omit<ToolDescription, 'namespace' | 'input' | 'output'> = options.tools?.[said] ?? {}
  const operation: McpOperation = outputSchema === undefined ? { tool: said } : { tool: said, json: true }
  return {
    ...options.defaults,
    ...own,
    name: own.name ?? fittingName(said),
    ...(typeof shown === 'string' ? { title: shown.slice(0, 200) } : {}),
    description: own.description ?? bounded(typeof description === 'string' ? description : said),
    input: { type: 'object', ...(inputSchema as JsonSchema | undefined) },
    ...(outputSchema === undefined ? {} : { output: outputSchema as JsonSchema }),
    traits: { ...traitsOf(hints, options.trustAnnotations === true), ...own.traits },
    limits: { outputBytes, ...options.defaults?.limits, ...own.limits },
    tags: [...new Set([...(options.defaults?.tags ?? []), ...(own.tags ?? [])])],
    source: { kind: 'mcp', connection, operation },
  }
}

/** What the protocol assumes of a tool that says nothing: it changes things, and reaches out. */
function traitsOf(hints: Fields, trusted: boolean): ToolTraits {
  if (!trusted) return { destructive: true, network: true }
  const { readOnlyHint, idempotentHint, destructiveHint, openWorldHint } = hints
  const readOnly = readOnlyHint === true
  return {
    ...(readOnly ? { readOnly } : {}),
    ...(typeof idempotentHint === 'boolean' ? { idempotent: idempotentHint } : {}),
    destructive: !readOnly && destructiveHint !== false,
    network: openWorldHint !== false,
  }
}

function bounded(text: string): string {
  return text.length > longestDescription ? `${text.slice(0, longestDescription)} …` : text
}

/** Two names may become one when they are made fit. */
function unlike(names: ReadonlySet<string>, name: string, said: string, namespace: string | undefined): string {
  const fit = fittingName(name, namespace)
  if (!names.has(fit)) return fit
  const mark = createHash('sha256').update(said).digest('hex').slice(0, 6)
  return `${fit.slice(0, 57 - (namespace?.length ?? -1))}_${mark}`
}

function choice({ only, exclude = [] }: McpOptions): (name: string) => boolean {
  const wanted = only?.map(named)
  const unwanted = exclude.map(named)
  return (name) => (!wanted || wanted.some((fits) => fits(name))) && !unwanted.some((fits) => fits(name))
}

function named(pattern: string): (name: string) => boolean {
  if (typeof pattern !== 'string') throw new AndonError('invalid', `${String(pattern)} is no name of a tool: give text`)
  return glob(pattern)
}

function isFields(value: Plain | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
