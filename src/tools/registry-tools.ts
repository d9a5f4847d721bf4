// Turns definitions into tools: names checked, schemas read, and code found where it can be run.

import { AndonError } from '../core/errors.ts'
import type { RegisteredTool, ToolDefinition } from './definition.ts'
import { checkDefinition } from './definition-check.ts'
import { toolName } from './names.ts'
import { readSchema } from './schema.ts'
import type { Tool, ToolMode, ToolSource } from './tool.ts'

/** Makes a tool of its definition. `mode` is the registry's: a closure is refused where it could not run. */
export function makeTool(definition: ToolDefinition, mode: ToolMode): RegisteredTool {
  const source = sourceOf(definition, definition.mode ?? mode)
  const short = definition.name ?? (source.kind === 'code' ? (source.method ?? source.export) : '')
  const name = toolName(short, definition.namespace)
  const { namespace, title, traits = {}, limits = {}, tags = [], enabled = true, deferred = false } = definition
  checkDefinition(name, definition)
  checkLimits(name, limits)
  if (typeof definition.description !== 'string') {
    throw new AndonError('invalid', `The tool ${name} has no description: say what it does, the model chooses by it`)
  }
  const input = readSchema(name, definition.input ?? { type: 'object' }, 'input')
  const output = definition.output === undefined ? undefined : readSchema(name, definition.output, 'output')
  const tool: Tool = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(title === undefined ? {} : { title }),
    description: definition.description,
    input: input.json,
    ...(output ? { output: output.json } : {}),
    source,
    traits: { ...traits },
    limits: { ...limits },
    tags: [...tags],
    ...(definition.mode === undefined ? {} : { mode: definition.mode }),
    ...(definition.trust === undefined ? {} : { trust: definition.trust }),
    enabled,
    deferred,
  }
  return { tool, input, ...(output ? { output } : {}), enabled }
}

/** The same tool under another name. */
export function renamed(registered: RegisteredTool, name: string, namespace: string | undefined): RegisteredTool {
  const { namespace: _, ...tool } = registered.tool
  return { ...registered, tool: { ...tool, name, ...(namespace === undefined ? {} : { namespace }) } }
}

function sourceOf(definition: ToolDefinition, mode: ToolMode): ToolSource {
  if (typeof definition === 'function') throw unnamed(definition)
  if ('source' in definition) return definition.source
  if ('run' in definition) return closure(definition, mode)
  const { module, export: exported, method, construct, state } = definition
  if (typeof module !== 'string' || typeof exported !== 'string') {
    throw new AndonError(
      'invalid',
      `The tool ${JSON.stringify(definition.name) ?? 'without a name'} has no code: give \`module\` and \`export\`, or \`run\``,
    )
  }
  if (!URL.canParse(module)) {
    throw new AndonError(
      'invalid',
      `The module ${module} is no URL: give new URL('./tools.ts', import.meta.url).href, or import.meta.url of the module itself`,
    )
  }
  return {
    kind: 'code',
    module,
    export: exported,
    ...(method === undefined ? {} : { method }),
    ...(construct === undefined ? {} : { construct }),
    ...(state === undefined ? {} : { state }),
  }
}

function closure(definition: Extract<ToolDefinition, { run: unknown }>, mode: ToolMode): ToolSource {
  const { name } = definition
  toolName(name, definition.namespace)
  if (typeof definition.run !== 'function') {
    throw new AndonError('invalid', `\`run\` of the tool ${name} is no function but ${typeof definition.run}`)
  }
  if (mode === 'process' || mode === 'thread') {
    const own = definition.run.name
    const exported = /^[A-Za-z_$][\w$]*$/.test(own) && own !== 'run' ? own : camel(name)
    throw new AndonError(
      'invalid',
      `The tool ${name} was given as a function, and a function cannot be moved to a ${mode}: ` +
        `write \`export const ${exported} = …\` in a module and register({ module: <its URL>, export: '${exported}', … }), ` +
        `or say mode: 'inline' to run it in this process, where it cannot be killed`,
    )
  }
  return { kind: 'closure', run: (input, context) => definition.run(input as never, context) }
}

function unnamed({ name }: { name: string }): AndonError {
  return new AndonError(
    'invalid',
    `The function ${name || 'without a name'} was given as a tool: export it from a module, describe it with defineTool, ` +
      `and call registerModule(<URL of the module>)`,
  )
}

function camel(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')
}

function checkLimits(name: string, limits: Tool['limits']): void {
  const numbers = { ...limits, truncate: limits.truncate?.bytes, exclusive: undefined }
  for (const [limit, value] of Object.entries(numbers)) {
    if (value === undefined) continue
    const least = limit === 'retries' || limit === 'graceMs' ? 0 : Number.MIN_VALUE
    if (typeof value === 'number' && value >= least) continue
    throw new AndonError('invalid', `The limit ${limit} of ${name} is ${String(value)}: give a number above 0`)
  }
}
