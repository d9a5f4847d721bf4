// Several second levels as one: each key belongs to the node with the highest score for it (rendezvous hashing), so that
// a node that is added to N takes about 1/(N + 1) of the keys and moves no other.

import { hash } from 'node:crypto'
import { AndonError } from '../core/errors.ts'
import type { Invalidated, Level } from './level.ts'

/** A node of a ring. Its name decides which keys it has: keep it when the address changes. */
export interface RingNode {
  readonly name: string
  readonly level: Level
}

/** Which of the names a key belongs to. */
export function ownerOf(key: string, names: readonly string[]): string {
  let owner = ''
  let best = ''
  for (const name of names) {
    const score = hash('sha1', `${name.length}:${name}${key}`, 'hex')
    if (score > best) [owner, best] = [name, score]
  }
  return owner
}

/** Spreads keys over nodes; value, lease and stream of a key lie on one. Closing it closes them. */
export function ring(nodes: readonly RingNode[]): Level {
  const names = nodes.map((node) => node.name)
  if (nodes.length === 0 || new Set(names).size < names.length)
    throw new AndonError(
      'invalid',
      `A ring of the nodes [${names.join(', ')}]: give one or more, each with its own name`,
    )
  return new Ring(nodes)
}

class Ring implements Level {
  readonly #names: readonly string[]
  readonly #levels: ReadonlyMap<string, Level>

  constructor(nodes: readonly RingNode[]) {
    this.#names = nodes.map((node) => node.name)
    this.#levels = new Map(nodes.map(({ name, level }) => [name, level]))
  }

  #of(key: string): Level {
    const level = this.#levels.get(ownerOf(key, this.#names))
    if (!level) throw new AndonError('internal', `No node of the ring has the key ${key}`)
    return level
  }

  get up(): boolean {
    for (const level of this.#levels.values()) if (level.up) return true
    return false
  }

  get: Level['get'] = (key) => this.#of(key).get(key)
  set: Level['set'] = (key, bytes, ms) => this.#of(key).set(key, bytes, ms)
  remove: Level['remove'] = (key) => this.#of(key).remove(key)
  forget: Level['forget'] = (key) => this.#of(key).forget(key)
  lead: Level['lead'] = (key, token, leaseMs, besides) => this.#of(key).lead(key, token, leaseMs, besides)
  renew: Level['renew'] = (key, token, leaseMs) => this.#of(key).renew(key, token, leaseMs)
  commit: Level['commit'] = (key, token, bytes, ms) => this.#of(key).commit(key, token, bytes, ms)
  release: Level['release'] = (key, token) => this.#of(key).release(key, token)
  awaited: Level['awaited'] = (key) => this.#of(key).awaited(key)
  news: Level['news'] = (key) => this.#of(key).news(key)
  generations: Level['generations'] = (key, tags, startedAt) => this.#of(key).generations(key, tags, startedAt)
  current: Level['current'] = (key, generations) => this.#of(key).current(key, generations)
  append: Level['append'] = (key, token, items, mark) => this.#of(key).append(key, token, items, mark)
  read: Level['read'] = (key, after) => this.#of(key).read(key, after)
  follow: Level['follow'] = (key, added) => this.#of(key).follow(key, added)

  /** A node that fails costs the keys that are its own. */
  async getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    const byLevel = new Map<Level, number[]>()
    for (const [at, key] of keys.entries()) {
      const level = this.#of(key)
      const places = byLevel.get(level)
      if (places) places.push(at)
      else byLevel.set(level, [at])
    }
    const found: (Buffer | undefined)[] = Array.from({ length: keys.length })
    const failures: unknown[] = []
    await Promise.all(
      Array.from(byLevel, async ([level, places]) => {
        try {
          const values = await level.getMany(places.map((at) => keys[at] ?? ''))
          for (const [at, place] of places.entries()) found[place] = values[at]
        } catch (reason) {
          failures.push(reason)
        }
      }),
    )
    if (failures.length === byLevel.size && failures.length > 0) throw failures[0]
    return found
  }

  /** On every node, because each keeps its own generations; a node that fails is told of after all others were asked. */
  async invalidate(tags: readonly string[]): Promise<void> {
    const results = await Promise.allSettled(Array.from(this.#levels.values(), (level) => level.invalidate(tags)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  onInvalidated(listener: (what: Invalidated) => void): () => void {
    const stops = Array.from(this.#levels.values(), (level) => level.onInvalidated(listener))
    return () => {
      for (const stop of stops) stop()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#levels.values(), (level) => level[Symbol.asyncDispose]()))
  }
}
