// How a tool is described, by whoever gives it to a registry or beside its function in its module.

import type { SchemaLike, ToolSchema } from './schema.ts'
import type {
  CodeSource,
  RemoteSource,
  Tool,
  ToolContext,
  ToolLimits,
  ToolMode,
  ToolTraits,
  ToolTrust,
} from './tool.ts'

/** What is said about a tool. */
export interface ToolDescription {
  /** Default: the name of its export or method. */
  name?: string
  namespace?: string
  title?: string
  /** What it does and when to use it, for the model. */
  description?: string
  /** zod, any Standard Schema, or JSON Schema of an object. Default: an object of anything. */
  input?: SchemaLike
  /** Of what it returns; checked when given. */
  output?: SchemaLike
  traits?: ToolTraits
  limits?: ToolLimits
  tags?: readonly string[]
  /** Overrides the registry's mode. */
  mode?: ToolMode
  /** Default `trusted`. */
  trust?: ToolTrust
  enabled?: boolean
  /** Left out of the schemas until it is discovered. */
  deferred?: boolean
}

/** A function in a module, by where it is. */
export interface CodeDefinition extends ToolDescription, Omit<CodeSource, 'kind'> {
  description: string
}

/** A function as it is, which cannot leave the process of the registry. */
export interface ClosureDefinition extends ToolDescription {
  name: string
  description: string
  run(input: never, context: ToolContext): unknown
}

/** A tool behind a connection, as a connector describes it. */
export interface RemoteDefinition extends ToolDescription {
  name: string
  description: string
  source: RemoteSource
}

/** What `register` takes, beside tools of the AI SDK and of LangChain.js. */
export type ToolDefinition = CodeDefinition | ClosureDefinition | RemoteDefinition

/** A tool with the checks that belong to it. */
export interface RegisteredTool {
  tool: Tool
  input: ToolSchema
  output?: ToolSchema
  /** What it was switched to itself, whatever its namespace is. */
  enabled: boolean
}

/** Where a function keeps what `defineTool` was told. */
const described = Symbol.for('andon.tool')

/** The type of values that a Standard Schema lets through; of a JSON Schema it is not known. */
export type ValueOf<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly output: infer Value } | undefined }
}
  ? Value
  : unknown

/**
 * Describes a function beside itself, to be exported from a module that `registerModule` is given:
 *
 *     export const add = defineTool(
 *       { description: 'Adds two numbers', input: z.object({ a: z.number(), b: z.number() }) },
 *       ({ a, b }) => a + b,
 *     )
 *
 * The function stays a function.
 */
export function defineTool<Schema extends SchemaLike, Result>(
  description: ToolDescription & { description: string; input: Schema },
  run: (input: ValueOf<Schema>, context: ToolContext) => Result,
): (input: ValueOf<Schema>, context: ToolContext) => Result {
  return Object.assign(run, { [described]: description })
}

/** What `defineTool` was told about a function. */
export function descriptionOf(value: unknown): ToolDescription | undefined {
  return typeof value === 'function' ? (value as { [described]?: ToolDescription })[described] : undefined
}
