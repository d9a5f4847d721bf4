// The factory of a server, as a process sees it that outlives that server: a connection that has closed is opened again
// by the next request.

import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import { connect, isStreaming, methodNames, type FarFactory } from './control.ts'

/**
 * The factory of whatever server runs on the data directory at the moment; without one, what `otherwise` opens. Default:
 * requests are `unavailable`.
 */
export function standingConnection(dataDir: string, otherwise?: () => Promise<FarFactory>): Factory {
  let current: Promise<FarFactory> | undefined

  async function open(): Promise<FarFactory> {
    const opened = (await connect(dataDir)) ?? (await otherwise?.())
    if (!opened)
      throw new AndonError('unavailable', `No server runs on ${dataDir}: start one with "andon serve".`, {
        retryAfterMs: 1000,
      })
    return opened
  }

  function connected(): Promise<FarFactory> {
    if (current) return current
    const opening = open()
    const forget = (): void => {
      if (current === opening) current = undefined
    }
    opening.then(({ closed }) => closed).then(forget, forget)
    current = opening
    return opening
  }

  const call = async (method: string, given: unknown[]): Promise<unknown> => {
    const factory = await connected()
    return await Reflect.apply(Reflect.get(factory, method), factory, given)
  }
  async function* stream(method: string, given: unknown[]): AsyncGenerator {
    const factory = await connected()
    const items: unknown = Reflect.apply(Reflect.get(factory, method), factory, given)
    if (isStream(items)) yield* items
  }
  const methods: Record<string, unknown> = {}
  for (const method of methodNames())
    methods[method] = (...given: unknown[]) => (isStreaming(method) ? stream(method, given) : call(method, given))
  const factory = {
    ...methods,
    async [Symbol.asyncDispose]() {
      const opened = await current?.catch(() => undefined)
      await opened?.[Symbol.asyncDispose]()
    },
  }
  if (!isWhole(factory)) throw new AndonError('internal', 'The table of methods lacks one of the factory.')
  return factory
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function isWhole(value: object): value is Factory {
  return methodNames().every((method) => method in value)
}
