// The MCP servers of a registry: each is asked for its tools when it comes, and again whenever it says that they are
// others now.

import { announceTrouble } from '../../core/channels.ts'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { connectionChannel } from '../connection-news.ts'
import type { ConnectionNews } from '../connection-news.ts'
import type { RemoteDefinition } from '../definition.ts'
import type { Executor } from '../executor.ts'
import { fittingName } from '../names.ts'
import type { RemoteSource, Tool, ToolMode } from '../tool.ts'
import { describeTools } from './described.ts'
import type { Listing } from './listing.ts'
import type { McpOptions, McpServerState } from './options.ts'
import { readServer } from './server.ts'
import type { McpServer } from './server.ts'

/** Milliseconds for a server to say which tools it has: it may have to be installed first. */
const listingMs = 60_000
/** Milliseconds until a server that did not say is asked again. */
const againMs = 15_000
const listingBytes = 32 * 2 ** 20

/** What the servers need of their registry. */
export interface McpParts {
  executor(): Executor
  mode(): ToolMode
  /** Puts tools in the place of those of these names, all or none, and returns them as they stand there. */
  swap(leaving: readonly string[], coming: readonly RemoteDefinition[]): Tool[]
}

interface Registered {
  name: string
  namespace: string | undefined
  connection: RemoteSource['connection']
  options: McpOptions
  names: string[]
  state: McpServerState['state']
  message: string | undefined
  listing: Omit<Listing, 'tools'>
  leftOut: string[]
  /** It is asked at the moment; and has to be asked once more. */
  asking: boolean
  again: boolean
}

export class McpServers implements AsyncDisposable {
  readonly #parts: McpParts
  /** By the id of the registration. */
  readonly #servers = new Map<string, Registered>()
  readonly #stopListening: () => void
  #executor: Executor | undefined

  constructor(parts: McpParts) {
    this.#parts = parts
    this.#stopListening = connectionChannel.subscribe((news) => this.#hear(news))
  }

  /** Ordered by name. */
  get states(): McpServerState[] {
    return Array.from(this.#servers.values(), ({ name, namespace, state, message, listing, names, leftOut }) => ({
      name,
      ...(namespace === undefined ? {} : { namespace }),
      state,
      ...(message === undefined ? {} : { message }),
      server: listing.server,
      ...(listing.instructions === undefined ? {} : { instructions: listing.instructions }),
      tools: [...names],
      leftOut: [...leftOut],
    })).sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Fails with `unavailable` and a sentence when the server does not say which tools it has. */
  async add(server: McpServer, options: McpOptions): Promise<Tool[]> {
    const { name } = server
    const id = crypto.randomUUID()
    const config = readServer(server, id) as unknown as Plain
    if (this.#find(name)) {
      throw new AndonError(
        'conflict',
        `There is an MCP server ${name} already: unregister it first, or give another name`,
      )
    }
    const space = options.namespace ?? fittingName(name)
    const namespace = space === '' ? undefined : space
    const registered: Registered = {
      name,
      namespace,
      connection: { name, config },
      options,
      names: [],
      state: 'connected',
      message: undefined,
      listing: { server: {}, more: false },
      leftOut: [],
      asking: true,
      again: false,
    }
    this.#executor = this.#parts.executor()
    this.#servers.set(id, registered)
    try {
      const tools = await this.#refresh(registered)
      registered.asking = false
      if (registered.again) void this.#ask(registered)
      return tools
    } catch (reason) {
      this.#servers.delete(id)
      await this.#disconnect(name)
      throw reason
    }
  }

  /** Takes a server and its tools away; false when there was none of this name. */
  async remove(name: string): Promise<boolean> {
    const found = this.#find(name)
    if (!found) return false
    const [id, { names }] = found
    this.#servers.delete(id)
    this.#parts.swap(names, [])
    await this.#disconnect(name)
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening()
    const names = Array.from(this.#servers.values(), ({ name }) => name)
    this.#servers.clear()
    await Promise.all(names.map((name) => this.#disconnect(name)))
  }

  #find(name: string): [string, Registered] | undefined {
    return [...this.#servers].find(([, registered]) => registered.name === name)
  }

  async #disconnect(name: string): Promise<void> {
    await this.#executor?.disconnect(name).catch((reason: unknown) => announceTrouble('tools', reason))
  }

  #hear({ id, event, message }: ConnectionNews): void {
    const registered = this.#servers.get(id)
    if (!registered) return
    if (event === 'tools-changed') void this.#ask(registered)
    else {
      registered.state = event
      registered.message = message
    }
  }

  /** Asks it again; however often it says that something changed meanwhile, once more is enough. */
  async #ask(registered: Registered): Promise<void> {
    registered.again = true
    if (registered.asking) return
    registered.asking = true
    try {
      while (registered.again) {
        registered.again = false
        await this.#refresh(registered)
      }
    } catch (reason) {
      // What it had stays, and fails on its own if the server is gone.
      announceTrouble('tools', reason)
      setTimeout(() => {
        if (this.#find(registered.name)?.[1] === registered) void this.#ask(registered)
      }, againMs).unref()
    } finally {
      registered.asking = false
    }
  }

  async #refresh(registered: Registered): Promise<Tool[]> {
    const { name, connection, options, namespace } = registered
    const { tools, ...listing } = await this.#list(registered)
    // It was taken away while it was asked.
    if (this.#find(name)?.[1] !== registered) return []
    const { definitions, leftOut } = describeTools(tools, connection, namespace, options)
    if (listing.more) leftOut.push(`It has more than the ${tools.length} tools that are looked at`)
    const standing = this.#parts.swap(registered.names, definitions)
    registered.names = standing.map((tool) => tool.name)
    registered.listing = listing
    registered.leftOut = leftOut
    registered.state = 'connected'
    registered.message = undefined
    for (const why of leftOut) announceTrouble('tools', new AndonError('invalid', `Of the MCP server ${name}: ${why}`))
    return standing
  }

  async #list({ name, connection, options }: Registered): Promise<Listing> {
    const { timeoutMs = listingMs, defaults } = options
    const tool: Tool = {
      // No tool has such a name: what is learned of it is about the connection alone.
      name: `${name}: tools/list`,
      description: 'Which tools the server has',
      input: { type: 'object' },
      source: { kind: 'mcp', connection, operation: { list: true } },
      traits: { readOnly: true },
      limits: { timeoutMs, outputBytes: listingBytes },
      tags: [],
      ...(defaults?.mode === undefined ? {} : { mode: defaults.mode }),
      enabled: true,
      deferred: false,
    }
    const [result] = await this.#parts
      .executor()
      .execute([{ id: crypto.randomUUID(), tool, input: {} }], { parallelMode: this.#parts.mode() })
    if (result?.ok) return result.value as unknown as Listing
    const { kind, message } = result?.error ?? { kind: 'failed', message: 'It did not answer' }
    const code = kind === 'timeout' ? 'deadline' : kind === 'cancelled' ? 'cancelled' : 'unavailable'
    throw new AndonError(
      code,
      kind === 'timeout' ? `The MCP server ${name} did not say within ${timeoutMs} ms which tools it has` : message,
    )
  }
}
