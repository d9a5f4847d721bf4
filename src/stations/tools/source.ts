// A source of tools as the configuration has it, and how its tools get into a registry.

import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { AndonError } from '../../core/errors.ts'
import type { McpTools, ModuleTools, OpenApiTools, SecretValue, ToolSources } from '../../core/tooling.ts'
import type { ToolRegistry } from '../../tools/registry.ts'
import { namesOf, type Source } from './sources.ts'

/** All of a configuration. Throws `invalid` when two have one name. */
export function sourcesOf(sources: ToolSources, registry: ToolRegistry): Source[] {
  namesOf(sources)
  return [
    ...sources.modules.map((given) => moduleSource(given, registry)),
    ...sources.openapi.map((given) => openApiSource(given, registry)),
    ...sources.mcp.map((given) => mcpSource(given, registry)),
  ]
}

function moduleSource({ name, module, only, trust }: ModuleTools, registry: ToolRegistry): Source {
  const url = addressOf(module)
  return {
    name,
    kind: 'module',
    from: url.protocol === 'file:' ? fileURLToPath(url) : url.href,
    key: JSON.stringify(['module', url, only, trust]),
    async open() {
      await registry.registerModule(url, {
        namespace: name,
        ...(only === undefined ? {} : { only }),
        ...(trust === undefined ? {} : { defaults: { trust } }),
      })
    },
  }
}

function openApiSource(given: OpenApiTools, registry: ToolRegistry): Source {
  const { name, spec, ...options } = given
  const url = addressOf(spec)
  return {
    name,
    kind: 'openapi',
    from: shown(url),
    key: JSON.stringify(['openapi', given]),
    async open() {
      await registry.registerOpenApi(url, { namespace: name, ...options })
    },
  }
}

function mcpSource(given: McpTools, registry: ToolRegistry): Source {
  const { name, url, command = '', args, env, cwd, transport, headers, only, trustAnnotations } = given
  return {
    name,
    kind: 'mcp',
    from: url === undefined ? command : shown(new URL(url)),
    key: JSON.stringify(['mcp', given]),
    async open() {
      const server =
        url === undefined
          ? { name, command, ...defined({ args, cwd, env: env && opened(name, env) }) }
          : { name, url, ...defined({ transport, headers: headers && opened(name, headers) }) }
      await registry.registerMcp(server, { namespace: name, ...defined({ only, trustAnnotations }) })
    },
  }
}

/** Secrets themselves. Throws `invalid` when a variable is not set. */
function opened(source: string, values: Record<string, SecretValue>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'string') return [name, value]
      const secret = process.env[value.env]
      if (secret !== undefined && secret !== '') return [name, secret]
      throw new AndonError('invalid', `${name} of ${source} is the variable ${value.env}, which is not set: set it`)
    }),
  )
}

function defined<Shape extends object>(value: { [Key in keyof Shape]: Shape[Key] | undefined }): Shape {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Shape
}

/** A path counts from the working directory. */
function addressOf(text: string): URL {
  return /^(https?|file):/i.test(text) ? new URL(text) : pathToFileURL(resolve(text))
}

/** Without what may be a secret. */
function shown(url: URL): string {
  return url.protocol === 'file:' ? fileURLToPath(url) : `${url.origin}${url.pathname}`
}
