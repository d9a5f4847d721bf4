// Which worker of a pool a call belongs to: where its connection is, or where its class keeps what it knows of the tenant.

import type { Tool } from './tool.ts'

/** Slots from 0 in pools of one size; the same call always gets the same one. */
export class Slots {
  readonly #size: number
  /** By the names of MCP servers: one worker has the connection of each. */
  readonly #connections = new Map<string, number>()

  constructor(size: number) {
    this.#size = size
  }

  /** Undefined when any worker will do. */
  of({ source }: Tool, tenant: string): number | undefined {
    if (source.kind === 'mcp') {
      const { name } = source.connection
      const slot = this.#connections.get(name) ?? this.#connections.size % this.#size
      this.#connections.set(name, slot)
      return slot
    }
    if (source.kind !== 'code' || source.state !== 'affine') return undefined
    let hash = 0
    const key = `${source.module}#${source.export}#${tenant}`
    for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) >>> 0
    return hash % this.#size
  }
}
