// Gives a registry the built-in tools. Where their code is, is told as data, so that calls run anywhere.

import { extname } from 'node:path'
import { LinkHosts } from '../../links/hosts.ts'
import type { ToolRegistry } from '../registry.ts'

/** What the built-in tools may do. */
export interface BuiltInOptions {
  /** Hosts that `http_get` may read: `docs.example.org`, `*.example.com`, `10.0.0.7:8080`. Default: none, and it says so. */
  httpHosts?: readonly string[]
  /** The option that lists them, for errors. Default `tools.httpHosts`. */
  httpOption?: string
}

/** Registers `calculator`, `date_time`, `run_javascript` and `http_get`. Throws `invalid` for a host that is none. */
export async function registerBuiltIn(
  registry: ToolRegistry,
  { httpHosts = [], httpOption = 'tools.httpHosts' }: BuiltInOptions = {},
): Promise<void> {
  const hosts = httpHosts.join(',')
  // A mistake in the list is told now, and not by the first call.
  void new LinkHosts(hosts, undefined, httpOption)
  await Promise.all([
    ...['calculator', 'date-time', 'run-javascript'].map((name) => registry.registerModule(moduleOf(name))),
    registry.registerClass({
      module: moduleOf('http-get').href,
      export: 'HttpGet',
      construct: [{ hosts, option: httpOption }],
    }),
  ])
}

/** In src/ and in dist/ alike. */
function moduleOf(name: string): URL {
  return new URL(`${name}${extname(import.meta.filename)}`, import.meta.url)
}
