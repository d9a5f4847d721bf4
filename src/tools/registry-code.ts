// Finds the tools in a module: its functions, or the methods of one of its classes.

import { AndonError } from '../core/errors.ts'
import { descriptionOf } from './definition.ts'
import type { CodeDefinition, ToolDescription } from './definition.ts'
import { asItIsNow } from './module-version.ts'
import { lendOwnPackages } from './own-packages.ts'
import type { CodeSource } from './tool.ts'

/** Options of `registerModule`. */
export interface ModuleOptions {
  namespace?: string
  /** Names of exports. Default: all that `defineTool` described, or all functions where none is. */
  only?: readonly string[]
  /** Said about all of them; what is said beside a function counts more. */
  defaults?: Omit<ToolDescription, 'name' | 'namespace' | 'input' | 'output' | 'description'>
  /** What is said about each export, where it is not said in the module. */
  tools?: Readonly<Record<string, ToolDescription>>
}

/** Options of `registerClass`. */
export interface ClassOptions extends ModuleOptions {
  /** URL of the module. */
  module: string
  /** Name of the class there. */
  export: string
  /** What the constructor is given, once per worker: its methods become tools. Without it, the static ones do. */
  construct?: CodeSource['construct']
  /** What instances keep. Default `stateless`. */
  state?: CodeSource['state']
}

type Callable = ((...given: never[]) => unknown) & { prototype?: object }

/** Imports a module, anew when it was edited, and finds its tools, in order of their names. */
export async function toolsOfModule(module: string, options: ModuleOptions): Promise<CodeDefinition[]> {
  const { exports, url } = await importModule(module)
  const functions = Object.entries(exports).filter(
    (entry): entry is [string, Callable] => typeof entry[1] === 'function' && !isClass(entry[1]),
  )
  const described = functions.filter(([name, value]) => descriptionOf(value) ?? options.tools?.[name])
  const offered = new Map(options.only || described.length === 0 ? functions : described)
  return chosen(offered, options, `The module ${module}`, 'exports no function').map(([name, value]) => ({
    ...sayings(name, descriptionOf(value), options),
    module: url,
    export: name,
  }))
}

/** Imports a class, anew when its module was edited, and finds its methods. Names that begin with `_` are nobody's. */
export async function toolsOfClass(options: ClassOptions): Promise<CodeDefinition[]> {
  const { module, export: exported, construct, state } = options
  const { exports, url } = await importModule(module)
  const found = exports[exported]
  if (typeof found !== 'function') {
    throw new AndonError('invalid', `The module ${module} exports no class ${exported}: name one that it exports`)
  }
  const owner: object | null | undefined = construct === undefined ? found : (found as Callable).prototype
  const methods = methodsOf(owner, construct === undefined ? Function.prototype : Object.prototype)
  // A static field `tools` may say what each method is.
  const said = (found as { tools?: unknown }).tools
  const inClass = (typeof said === 'object' && said !== null ? said : {}) as Record<string, ToolDescription>
  const what = construct === undefined ? 'static method (give `construct: []` for those of an instance)' : 'method'
  return chosen(methods, options, `The class ${exported} of ${module}`, `has no ${what}`).map(([name, value]) => ({
    ...sayings(name, descriptionOf(value) ?? inClass[name], options),
    module: url,
    export: exported,
    method: name,
    ...(construct === undefined ? {} : { construct }),
    ...(state === undefined ? {} : { state }),
  }))
}

async function importModule(module: string): Promise<{ exports: Record<string, unknown>; url: string }> {
  if (!URL.canParse(module)) {
    throw new AndonError('invalid', `The module ${module} is no URL: give new URL('./tools.ts', import.meta.url).href`)
  }
  lendOwnPackages()
  const url = asItIsNow(module)
  try {
    return { exports: (await import(url)) as Record<string, unknown>, url }
  } catch (reason) {
    throw new AndonError('invalid', `The module ${module} of tools cannot be imported: ${String(reason)}`, {
      cause: reason,
    })
  }
}

function chosen(
  offered: ReadonlyMap<string, Callable>,
  { only }: ModuleOptions,
  where: string,
  none: string,
): [string, Callable][] {
  const names = only ?? [...offered.keys()].sort()
  if (names.length === 0) throw new AndonError('invalid', `${where} ${none}`)
  return names.map((name) => {
    const value = offered.get(name)
    if (value) return [name, value]
    throw new AndonError('invalid', `${where} ${none} ${name}: it has ${[...offered.keys()].sort().join(', ')}`)
  })
}

function sayings(
  name: string,
  inModule: ToolDescription | undefined,
  { namespace, defaults, tools }: ModuleOptions,
): ToolDescription & { description: string } {
  const said = { ...defaults, ...inModule, ...tools?.[name] }
  return { name, ...said, ...(namespace === undefined ? {} : { namespace }), description: said.description ?? '' }
}

/** Also inherited ones, up to where the language's own begin. */
function methodsOf(owner: object | null | undefined, end: object): Map<string, Callable> {
  const methods = new Map<string, Callable>()
  for (let level = owner; level && level !== end; level = Object.getPrototypeOf(level) as object | null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (name === 'constructor' || name.startsWith('_') || methods.has(name)) continue
      if (typeof value === 'function' && !isClass(value)) methods.set(name, value as Callable)
    }
  }
  return methods
}

function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
