// The tools of a registry, by name, each switched on or off as it and its namespace are.

import { isDeepStrictEqual } from 'node:util'
import { AndonError } from '../core/errors.ts'
import type { RegisteredTool } from './definition.ts'
import { discoverTools } from './discovery.ts'
import type { ChangeListener } from './registry-changes.ts'
import type { Tool } from './tool.ts'

/** Which tools are meant; all that is given must hold. */
export interface ToolQuery {
  /** Any of them. */
  tags?: readonly string[]
  /** None of them. */
  excludeTags?: readonly string[]
  namespace?: string
  enabled?: boolean
}

/** One tool by its name, or all of a namespace. */
export type ToolTarget = string | { namespace: string }

export class Shelf {
  readonly #tools = new Map<string, RegisteredTool>()
  readonly #namespacesOff = new Set<string>()
  readonly #tell: ChangeListener

  constructor(tell: ChangeListener) {
    this.#tell = tell
  }

  get(name: string): RegisteredTool | undefined {
    return this.#tools.get(name)
  }

  /** To be taken elsewhere: what is off because of its namespace stays off there. */
  all(): RegisteredTool[] {
    return Array.from(this.#tools.values(), (each) => ({ ...each, enabled: each.tool.enabled }))
  }

  remove(name: string): boolean {
    const registered = this.#tools.get(name)
    if (!registered) return false
    this.#tools.delete(name)
    this.#tell({ type: 'unregistered', tool: registered.tool })
    return true
  }

  /** Ordered by name. */
  list({ tags, excludeTags, namespace, enabled }: ToolQuery = {}): Tool[] {
    return [...this.#tools.values()]
      .map(({ tool }) => tool)
      .filter(
        (tool) =>
          (!tags || tags.some((tag) => tool.tags.includes(tag))) &&
          !excludeTags?.some((tag) => tool.tags.includes(tag)) &&
          (namespace === undefined || tool.namespace === namespace) &&
          (enabled === undefined || tool.enabled === enabled),
      )
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** All or none. Fails with `conflict` when a name is taken. */
  add(coming: readonly RegisteredTool[]): void {
    this.swap([], coming)
  }

  /**
   * Puts tools in the place of others, all or none. One that comes under the name of one that leaves is switched as that
   * was, and nothing is told of it when it is the same. Fails with `conflict` when a name is taken by one that stays.
   */
  swap(leaving: readonly string[], coming: readonly RegisteredTool[]): void {
    const names = new Set<string>()
    const free = new Set(leaving)
    for (const { tool } of coming) {
      if ((!this.#tools.has(tool.name) || free.has(tool.name)) && !names.has(tool.name) && tool.name !== discoverTools)
        names.add(tool.name)
      else {
        throw new AndonError(
          'conflict',
          `There is a tool ${tool.name} already: unregister it first, or give the new one another name or a namespace`,
        )
      }
    }
    const before = new Map(leaving.flatMap((name) => this.#tools.get(name) ?? []).map((each) => [each.tool.name, each]))
    for (const name of before.keys()) if (!names.has(name)) this.remove(name)
    const put = coming.map((registered) => {
      const old = before.get(registered.tool.name)
      return { old, now: this.#put(old ? { ...registered, enabled: old.enabled } : registered) }
    })
    for (const { old, now } of put) {
      if (!old) this.#tell({ type: 'registered', tool: now.tool })
      else if (!isDeepStrictEqual(old.tool, now.tool)) this.#tell({ type: 'changed', tool: now.tool, before: old.tool })
    }
  }

  /** Keeps a tool, switched as it and its namespace are. */
  #put(registered: RegisteredTool): RegisteredTool {
    const { tool } = registered
    const off = tool.namespace !== undefined && this.#namespacesOff.has(tool.namespace)
    const enabled = registered.enabled && !off
    const kept = enabled === tool.enabled ? registered : { ...registered, tool: { ...tool, enabled } }
    this.#tools.set(tool.name, kept)
    return kept
  }

  /** Switches a tool, or a namespace with all that come into it later. */
  switch(target: ToolTarget, enabled: boolean): void {
    const meant =
      typeof target === 'string'
        ? [this.#tools.get(target)].filter((each) => each !== undefined)
        : [...this.#tools.values()].filter(({ tool }) => tool.namespace === target.namespace)
    if (typeof target === 'string' && meant.length === 0) {
      throw new AndonError('not-found', `There is no tool ${target}: list() says which there are`)
    }
    if (typeof target !== 'string') {
      if (enabled) this.#namespacesOff.delete(target.namespace)
      else this.#namespacesOff.add(target.namespace)
    }
    for (const registered of meant) {
      const before = registered.tool.enabled
      const { tool } = this.#put(typeof target === 'string' ? { ...registered, enabled } : registered)
      if (tool.enabled !== before) this.#tell({ type: tool.enabled ? 'enabled' : 'disabled', tool })
    }
  }

  /** Which there are, as a sentence. */
  namespaces(): string {
    const names = new Set(this.list().flatMap(({ namespace }) => namespace ?? []))
    return names.size > 0 ? `there are ${[...names].join(', ')}` : 'no tool has one'
  }
}
