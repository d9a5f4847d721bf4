// Tools of the AI SDK and of LangChain.js, read as definitions. They are objects with closures inside, so they run
// beside the registry, unless it is said which module exports them.

import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import type { ToolDefinition, ToolDescription } from './definition.ts'
import { runAiSdkTool, runLangChainTool } from './foreign-run.ts'
import { isStandard } from './schema.ts'
import type { SchemaLike } from './schema.ts'
import type { ToolContext } from './tool.ts'

/** A tool of the AI SDK: what `tool({ inputSchema, execute })` gives. */
export interface AiSdkTool {
  description?: unknown
  title?: unknown
  inputSchema: unknown
  execute?: unknown
}

/** A tool of LangChain.js: `DynamicStructuredTool`, or what `tool(…)` gives. */
export interface LangChainTool {
  name: string
  description: string
  schema: unknown
  invoke(input: never, config?: never): unknown
}

/** What may be said beside a tool of another library; a module and export move it to workers. */
export interface ForeignOptions extends Partial<ToolDescription> {
  module?: string
  export?: string
}

export function isAiSdkTool(value: object): value is AiSdkTool {
  return 'inputSchema' in value && !('run' in value) && !('module' in value)
}

export function isLangChainTool(value: object): value is LangChainTool {
  return 'schema' in value && 'invoke' in value && typeof value.invoke === 'function'
}

/** Reads a tool of the AI SDK, which has no name of its own. */
export function fromAiSdk(tool: AiSdkTool, options: ForeignOptions): ToolDefinition {
  const name = options.name ?? options.export
  if (name === undefined) {
    throw new AndonError(
      'invalid',
      'A tool of the AI SDK has no name: give one, as in register(tool, { name: "weather" })',
    )
  }
  const { execute } = tool
  if (typeof execute !== 'function') {
    throw new AndonError('invalid', `The tool ${name} has no execute: who has none is run by somebody else`)
  }
  return finish(
    {
      name,
      ...(typeof tool.title === 'string' ? { title: tool.title } : {}),
      description: typeof tool.description === 'string' ? tool.description : '',
      input: options.input ?? aiSdkSchema(name, tool.inputSchema),
    },
    options,
    'AiSdkTool',
    (input, context) => runAiSdkTool(tool, input, context),
  )
}

/** Reads a tool of LangChain.js. */
export function fromLangChain(tool: LangChainTool, options: ForeignOptions): ToolDefinition {
  const name = options.name ?? tool.name
  return finish(
    { name, description: tool.description, input: options.input ?? checkOnly(tool.schema as SchemaLike) },
    options,
    'LangChainTool',
    (input, context) => runLangChainTool(tool, input, context),
  )
}

function finish(
  read: { name: string; title?: string; description: string; input: SchemaLike },
  { module, export: exported, ...said }: ForeignOptions,
  runner: string,
  run: (input: unknown, context: ToolContext) => unknown,
): ToolDefinition {
  if (module === undefined && exported === undefined) return { mode: 'inline', ...read, ...said, run }
  if (module === undefined || exported === undefined) {
    throw new AndonError('invalid', `To move ${read.name} to workers give both the module and its export`)
  }
  const construct: Plain[] = [module, exported]
  return { ...read, ...said, ...runnerModule, export: runner, method: 'run', construct }
}

/** In src/ it is `.ts`, in dist/ `.js`. */
const runnerModule = {
  module: new URL(import.meta.url.endsWith('.ts') ? './foreign-run.ts' : './foreign-run.js', import.meta.url).href,
}

function aiSdkSchema(name: string, schema: unknown): SchemaLike {
  if (isStandard(schema)) return schema
  const made: unknown = typeof schema === 'function' ? schema() : schema
  const json = typeof made === 'object' && made !== null && 'jsonSchema' in made ? made.jsonSchema : made
  if (typeof json === 'object' && json !== null && !('then' in json)) return json as SchemaLike
  throw new AndonError(
    'invalid',
    `The schema of ${name} is not there yet: give a zod schema, or a JSON Schema as \`input\``,
  )
}

/** A LangChain tool reads its arguments through its schema itself; what is transformed here would be transformed twice. */
function checkOnly(schema: SchemaLike): SchemaLike {
  if (!isStandard(schema)) return schema
  const rules = schema['~standard']
  const original =
    (value: unknown) =>
    <Result extends { issues?: unknown }>(result: Result): Result =>
      result.issues ? result : { ...result, value }
  return {
    '~standard': {
      ...rules,
      validate(value) {
        const result = rules.validate(value)
        return result instanceof Promise ? result.then(original(value)) : original(value)(result)
      },
    },
  }
}
