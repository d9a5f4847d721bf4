// The tool registry: which tools there are, what models are shown of them, and one result for every call.

import { AndonError } from '../core/errors.ts'
import { Artifacts } from './artifacts.ts'
import type { ArtifactsOptions } from './artifacts.ts'
import type { RegisteredTool, ToolDefinition } from './definition.ts'
import { Discovery, discoverTools, summaryOf } from './discovery.ts'
import type { FoundTool, ToolSummary } from './discovery.ts'
import { createExecutor } from './executor.ts'
import type { Executor } from './executor.ts'
import type { ExecutorOptions } from './executor-options.ts'
import { fromAiSdk, fromLangChain, isAiSdkTool, isLangChainTool } from './foreign.ts'
import type { AiSdkTool, ForeignOptions, LangChainTool } from './foreign.ts'
import { callsFrom, messagesFor, toolsFor } from './formats/formats.ts'
import type { FormatName } from './formats/formats.ts'
import type { McpOptions, McpServerState } from './mcp/options.ts'
import type { McpServer } from './mcp/server.ts'
import type { McpServers } from './mcp/servers.ts'
import { nearestNames, toolName } from './names.ts'
import type { OpenApiOptions } from './openapi/openapi.ts'
import type { PolicyOptions } from './policy.ts'
import { runCalls } from './registry-calls.ts'
import { Changes } from './registry-changes.ts'
import type { ChangeListener, RegistryChange } from './registry-changes.ts'
import { toolsOfClass, toolsOfModule } from './registry-code.ts'
import type { ClassOptions, ModuleOptions } from './registry-code.ts'
import { Shelf } from './registry-shelf.ts'
import type { ToolQuery, ToolTarget } from './registry-shelf.ts'
import { makeTool, renamed } from './registry-tools.ts'
import type { ExecuteOptions, Tool, ToolCall, ToolMode, ToolResult } from './tool.ts'

export interface RegistryOptions extends PolicyOptions {
  /** Where calls run when neither tool nor batch says. Default `process`. */
  mode?: ToolMode
  /** An executor to share, which stays its maker's; or options of one's own, made with the first call or by `warm`. */
  executor?: Executor | Omit<ExecutorOptions, 'mode'>
  /** Where whole outputs are kept whose results were cut. */
  artifacts?: ArtifactsOptions
}

/** Tools, and the way to call them. Disposing ends the executor it made, and what runs there. */
export class ToolRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions
  readonly #shelf = new Shelf((change) => this.#changed(change))
  readonly #changes = new Changes()
  readonly #discovery = new Discovery(() => this.list())
  readonly #discoverTool: RegisteredTool
  readonly #artifacts: Artifacts
  #executor: Executor | undefined
  #mcp: McpServers | undefined
  #mode: ToolMode
  #closed = false

  constructor(options: RegistryOptions = {}) {
    this.#options = options
    this.#mode = 'process'
    if (options.mode !== undefined) this.setExecutionMode(options.mode)
    this.#artifacts = new Artifacts(options.artifacts)
    this.#discoverTool = makeTool(this.#discovery.definition(), 'inline')
  }

  // ─── Coming and going ──────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Registers a tool: a function by its module and export, a function as it is (inline only), a tool behind a
   * connection, or a tool of the AI SDK or of LangChain.js as it is. Fails with `conflict` when its name is taken.
   */
  register(tool: ToolDefinition): Tool
  register(tool: AiSdkTool | LangChainTool, options?: ForeignOptions): Tool
  register(given: ToolDefinition | AiSdkTool | LangChainTool, options: ForeignOptions = {}): Tool {
    const definition = isAiSdkTool(given)
      ? fromAiSdk(given, options)
      : isLangChainTool(given)
        ? fromLangChain(given, options)
        : given
    const made = makeTool(definition, this.#mode)
    this.#add([made])
    return this.get(made.tool.name) ?? made.tool
  }

  /** Registers the functions that a module exports; see {@link ModuleOptions}. All or none. */
  async registerModule(module: string | URL, options: ModuleOptions = {}): Promise<Tool[]> {
    return this.#registerAll(await toolsOfModule(String(module), options))
  }

  /** Registers the static methods of a class, or with `construct` those of its instances. All or none. */
  async registerClass(options: ClassOptions): Promise<Tool[]> {
    return this.#registerAll(await toolsOfClass(options))
  }

  /**
   * Registers the operations of a service that an OpenAPI document (3.0 or 3.1) describes: given as an object, or as the
   * path or URL of JSON or YAML. All or none. See {@link OpenApiOptions}.
   */
  async registerOpenApi(spec: object | string | URL, options: OpenApiOptions = {}): Promise<Tool[]> {
    const { openApiTools } = await import('./openapi/openapi.ts')
    return this.#registerAll(await openApiTools(spec, options))
  }

  /**
   * Registers the tools of an MCP server, a program or an address, and follows it when it says that they are others now.
   * Fails with `unavailable` when it cannot be reached. See {@link McpOptions}.
   */
  async registerMcp(server: McpServer, options: McpOptions = {}): Promise<Tool[]> {
    const { McpServers } = await import('./mcp/servers.ts')
    this.#mcp ??= new McpServers({
      executor: () => this.#executing(),
      mode: () => this.#mode,
      swap: (leaving, coming) => {
        const made = coming.map((definition) => makeTool(definition, this.#mode))
        this.#shelf.swap(leaving, made)
        return made.map(({ tool }) => this.get(tool.name) ?? tool)
      },
    })
    return this.#mcp.add(server, options)
  }

  /** Takes an MCP server and its tools away and ends its connection; false when there is none of this name. */
  async unregisterMcp(name: string): Promise<boolean> {
    return (await this.#mcp?.remove(name)) ?? false
  }

  /** The MCP servers, ordered by name, each as it is at the moment. */
  mcpServers(): McpServerState[] {
    return this.#mcp?.states ?? []
  }

  /** Takes a tool away; false when there was none. Calls under way go on to their end. */
  unregister(name: string): boolean {
    return this.#shelf.remove(name)
  }

  /** Takes over all tools of another registry, under a namespace when one is given. All or none; the other keeps them. */
  merge(other: ToolRegistry, { namespace }: { namespace?: string } = {}): Tool[] {
    const coming = other.#shelf
      .all()
      .map((registered) =>
        namespace === undefined
          ? registered
          : renamed(registered, toolName(registered.tool.name, namespace), namespace),
      )
    this.#add(coming)
    return coming.map(({ tool }) => this.get(tool.name) ?? tool)
  }

  /**
   * Moves the tools of a namespace to a registry of their own with the same options, where their names go without the
   * namespace unless it is kept.
   */
  spinoff(namespace: string, { keepNamespace = false }: { keepNamespace?: boolean } = {}): ToolRegistry {
    const leaving = this.#shelf.all().filter(({ tool }) => tool.namespace === namespace)
    if (leaving.length === 0) {
      throw new AndonError('not-found', `There is no tool in the namespace ${namespace}: ${this.#shelf.namespaces()}`)
    }
    const registry = new ToolRegistry({ ...this.#options, mode: this.#mode })
    registry.#add(
      leaving.map((each) =>
        keepNamespace ? each : renamed(each, each.tool.name.slice(namespace.length + 1), undefined),
      ),
    )
    for (const { tool } of leaving) this.unregister(tool.name)
    return registry
  }

  // ─── What there is ─────────────────────────────────────────────────────────────────────────────────────────────

  get(name: string): Tool | undefined {
    return this.#find(name)?.tool
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  /** Ordered by name. */
  list(query: ToolQuery = {}): Tool[] {
    return this.#shelf.list(query)
  }

  /** Switches tools on. One whose namespace is switched off stays off until that is on. */
  enable(target: ToolTarget): void {
    this.#shelf.switch(target, true)
  }

  /** Switches tools off: they are not shown, and calls of them are refused. A namespace also those that come later. */
  disable(target: ToolTarget): void {
    this.#shelf.switch(target, false)
  }

  /** Tells of changes. Dispose what is returned to hear no more. */
  onChange(listener: ChangeListener): Disposable {
    return this.#changes.listen(listener)
  }

  // ─── What models see ───────────────────────────────────────────────────────────────────────────────────────────

  /**
   * What goes under `tools` of a provider's request: the tools that are switched on, ordered by name, so that a prompt
   * cache holds. Deferred ones are left out, except those named in `also`; `discover_tools` stands for them.
   */
  schemas({
    format,
    includeDeferred = false,
    also = [],
    ...query
  }: Omit<ToolQuery, 'enabled'> & {
    format: FormatName
    includeDeferred?: boolean
    /** Deferred tools to show: those that were discovered, see `discoveredIn`. */
    also?: readonly string[]
  }): object[] {
    const all = this.list({ ...query, enabled: true })
    const shown = all.filter((tool) => includeDeferred || !tool.deferred || also.includes(tool.name))
    const hidden = !includeDeferred && all.some((tool) => tool.deferred)
    return toolsFor(hidden ? [...shown, this.#discoverTool.tool] : shown, format)
  }

  /** One line about each tool that is switched on: for prompts, where schemas would be too long. */
  summaries(query: Omit<ToolQuery, 'enabled'> = {}): ToolSummary[] {
    return this.list({ ...query, enabled: true }).map(summaryOf)
  }

  /** The tools for something to be done, best first: what `discover_tools` answers. Default 5. */
  discover(query: string, most = 5): FoundTool[] {
    return this.#discovery.find(query, most)
  }

  /** The calls in a provider's message; see {@link callsFrom}. */
  callsFrom(message: unknown, format: FormatName): ToolCall[] {
    return callsFrom(message, format)
  }

  /** Messages that give results back; see {@link messagesFor}. */
  messagesFor(results: readonly ToolResult[], format: FormatName, options?: { calls?: readonly ToolCall[] }): object[] {
    return messagesFor(results, format, options)
  }

  // ─── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One result per call, in their order. Never rejects: what goes wrong with a call is in its result. */
  async executeToolCalls(calls: readonly ToolCall[], options: ExecuteOptions = {}): Promise<ToolResult[]> {
    const executor = this.#executing()
    return runCalls(
      calls,
      { ...options, parallelMode: options.parallelMode ?? this.#mode },
      {
        find: (name) => this.#find(name),
        near: (name) =>
          nearestNames(
            name,
            this.list({ enabled: true }).map((tool) => tool.name),
          ),
        executor,
        permissions: this.#options,
        artifacts: this.#artifacts,
      },
    )
  }

  /** Where calls run from now on, when neither tool nor batch says. */
  setExecutionMode(mode: ToolMode): void {
    if (!['inline', 'thread', 'process', 'auto'].includes(mode)) {
      throw new AndonError('invalid', `There is no mode ${mode}: there are process, thread, inline and auto`)
    }
    this.#mode = mode
    // A shared executor is not this registry's to set.
    if (this.#executor && !this.#sharesExecutor) this.#executor.setMode(mode)
    this.#changes.tell({ type: 'mode-changed', mode })
  }

  /** Where calls run when neither tool nor batch says. */
  get executionMode(): ToolMode {
    return this.#mode
  }

  /** Resolves when the workers are up and have loaded the tools, so that the first call is as quick as the next. */
  async warm(): Promise<void> {
    const executor = this.#executing()
    const places = new Map<ToolMode, Tool[]>()
    for (const tool of this.list({ enabled: true })) {
      const place = tool.mode ?? this.#mode
      places.set(place, [...(places.get(place) ?? []), tool])
    }
    await Promise.all(
      Array.from(places, async ([place, tools]) => {
        const where = place === 'auto' ? (['thread', 'process'] as const) : [place]
        await Promise.all(where.map((each) => executor.warm(tools, each)))
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#mcp?.[Symbol.asyncDispose]()
    if (!this.#sharesExecutor) await this.#executor?.[Symbol.asyncDispose]()
    await this.#artifacts[Symbol.asyncDispose]()
  }

  // ─── Inside ────────────────────────────────────────────────────────────────────────────────────────────────────

  #find(name: string): RegisteredTool | undefined {
    return this.#shelf.get(name) ?? (name === discoverTools ? this.#discoverTool : undefined)
  }

  #registerAll(definitions: readonly ToolDefinition[]): Tool[] {
    const made = definitions.map((definition) => makeTool(definition, this.#mode))
    this.#add(made)
    return made.map(({ tool }) => this.get(tool.name) ?? tool)
  }

  #add(coming: readonly RegisteredTool[]): void {
    if (this.#closed) throw new AndonError('unavailable', 'The registry is closed: make another')
    this.#shelf.add(coming)
  }

  #changed(change: RegistryChange): void {
    this.#discovery.forget()
    this.#changes.tell(change)
  }

  get #sharesExecutor(): boolean {
    return this.#options.executor !== undefined && 'execute' in this.#options.executor
  }

  #executing(): Executor {
    if (this.#closed) throw new AndonError('unavailable', 'The registry is closed: make another')
    const { executor } = this.#options
    if (executor && 'execute' in executor) return executor
    return (this.#executor ??= createExecutor({ ...executor, mode: this.#mode }))
  }
}
