// The way from a command to the server that owns the data directory: one station that takes the name of a Factory's
// method and its arguments, over a socket; at the near end it looks like a Factory again.

import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Caller, DocumentSource, Factory } from '../core/factory.ts'
import { one, type Call, type Station } from '../core/station.ts'
import type { Options } from '../options.ts'
import { connectSocket, serveSocket } from '../places/socket.ts'
import { controlAddress, mayBeOurs } from './control-address.ts'
import { settingsStation } from './server-settings.ts'

/** A method of a factory. */
export type Method = Exclude<keyof Factory, symbol>

/** How many arguments each method takes before its caller. */
const argumentsOf: Record<Method, number> = {
  ask: 1,
  follow: 2,
  stop: 1,
  record: 1,
  search: 1,
  embed: 2,
  rerank: 2,
  add: 1,
  watch: 1,
  list: 1,
  collections: 0,
  document: 1,
  describe: 2,
  text: 2,
  read: 2,
  bytes: 1,
  remove: 2,
  restore: 1,
  jobs: 1,
  explain: 1,
  cancel: 1,
  retry: 1,
  sessions: 1,
  session: 1,
  renameSession: 2,
  exportSession: 1,
  removeSession: 2,
  restoreSession: 1,
  createKey: 1,
  keys: 0,
  revokeKey: 1,
  keyOf: 1,
  hasKeys: 0,
  usage: 0,
  claimOnce: 2,
  settleOnce: 2,
  backup: 1,
  export: 1,
  import: 1,
  health: 0,
  caches: 1,
  clearCaches: 1,
  tools: 1,
  tool: 1,
  callTool: 1,
  setTool: 2,
  toolRuns: 1,
  approvals: 0,
  approve: 2,
  toolSources: 0,
  addToolSource: 1,
  removeToolSource: 1,
}

const streaming: ReadonlySet<string> = new Set<Method>(['ask', 'follow', 'watch', 'bytes'])

/** One request: a method and its arguments, without the caller, who travels in the call. */
interface Request {
  method: string
  given: unknown[]
}

const stationName = 'control'

/** How long a server may take to say hello, in milliseconds: a stopped process accepts connections and says nothing. */
const helloMs = 5000

/**
 * Serves a factory to the commands of this user, and tells them its settings. Throws `conflict` when another server has
 * the address. Disposing cancels what commands are waiting for.
 */
export async function serveControl(
  factory: Factory,
  dataDir: string,
  settings?: () => Options,
): Promise<AsyncDisposable> {
  const stations = [controlStation(factory), ...(settings ? [settingsStation(settings)] : [])]
  return serveSocket(controlAddress(dataDir), { stations })
}

/** A factory in another process. */
export interface FarFactory extends Factory {
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<void>
}

/** The factory of a server. */
export interface ServersFactory extends FarFactory {
  /** Its options without secrets; undefined when it does not tell them. */
  settings(): Promise<unknown>
}

/** The factory of the server that runs on a data directory, or undefined when none does. */
export async function connect(dataDir: string, signal?: AbortSignal): Promise<ServersFactory | undefined> {
  const address = controlAddress(dataDir)
  if (!(await mayBeOurs(address))) return undefined
  const limit = AbortSignal.any([AbortSignal.timeout(helloMs), ...(signal ? [signal] : [])])
  try {
    const remote = await orAborted(connectSocket(address), limit)
    return Object.assign(remoteFactory(remote.station<Request, unknown>(stationName), remote), {
      closed: remote.closed,
      async settings() {
        using call = openCall({ tenant: 'default', budgetMs: helloMs })
        return await one(remote.station<null, unknown>('settings'), null, call).catch(() => undefined)
      },
    })
  } catch (reason) {
    signal?.throwIfAborted()
    if (limit.aborted) {
      throw new AndonError('unavailable', `The server on ${dataDir} does not answer. Stop it and start it again.`, {
        cause: reason,
      })
    }
    // A server that was killed leaves its socket behind.
    if (AndonError.from(reason).code === 'unavailable') return undefined
    throw reason
  }
}

/** The far end: calls the method that is asked for. Exported for tests without a socket. */
export function controlStation(factory: Factory): Station<Request, unknown> {
  return {
    name: stationName,
    async *run({ method, given }, call) {
      if (!isMethod(method)) {
        throw new AndonError(
          'not-found',
          `The server has no method ${JSON.stringify(method)}: run the same Andon on both sides.`,
        )
      }
      const caller: Caller = {
        tenant: call.tenant,
        signal: call.signal,
        ...(call.trace === undefined ? {} : { trace: call.trace }),
      }
      const before = Array.from({ length: argumentsOf[method] }, (_, index) => given[index])
      const result: unknown = Reflect.apply(factory[method], factory, [...before, caller])
      if (isStream(result)) yield* result
      else yield await result
    },
  }
}

/** The near end: a Factory whose every method is one call of the station. */
function remoteFactory(station: Station<Request, unknown>, connection: AsyncDisposable): Factory {
  const ask = async (method: Method, given: unknown[], caller: Caller | undefined): Promise<unknown> => {
    using call = callOf(caller)
    return await one(station, { method, given }, call)
  }
  async function* stream(method: Method, given: unknown[], caller: Caller | undefined): AsyncGenerator {
    using call = callOf(caller)
    yield* station.run({ method, given }, call)
  }
  const methods: Record<string, unknown> = {}
  for (const [method, count] of Object.entries(argumentsOf)) {
    if (!isMethod(method)) continue
    methods[method] = (...all: unknown[]) => {
      const given = all.slice(0, count)
      const caller = isCaller(all[count]) ? all[count] : undefined
      if (streaming.has(method)) return stream(method, given, caller)
      if (method === 'add') return addThrough(given, (source) => ask('add', [source], caller))
      return ask(
        method,
        given.map((value, index) => (isFolder(method, index) ? resolve(String(value)) : value)),
        caller,
      )
    }
  }
  const factory = { ...methods, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() }
  if (!isFactory(factory)) throw new AndonError('internal', 'The table of methods lacks one of the factory.')
  return factory
}

function callOf(caller: Caller | undefined): Call & Disposable {
  return openCall({
    tenant: caller?.tenant ?? 'default',
    ...(caller?.signal ? { signal: caller.signal } : {}),
    ...(caller?.trace === undefined ? {} : { trace: caller.trace }),
  })
}

/** Bytes do not travel through the socket: they wait in a private file that the server reads. Relative paths are ours. */
async function addThrough(given: unknown[], add: (source: DocumentSource) => Promise<unknown>): Promise<unknown> {
  const [source] = given
  if (!isSource(source))
    throw new AndonError('invalid', 'A document to add must be an object with a path, text or bytes.')
  if (source.path !== undefined) return add({ ...source, path: resolve(source.path), name: source.name ?? source.path })
  if (source.bytes === undefined) return add(source)
  const { bytes, ...rest } = source
  const folder = await mkdtemp(join(tmpdir(), 'andon-add-'))
  try {
    const path = join(folder, 'document')
    await pipeline(bytes instanceof Uint8Array ? [bytes] : bytes, createWriteStream(path, { mode: 0o600 }))
    return await add({ ...rest, path })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function orAborted<Value extends AsyncDisposable>(opening: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(AndonError.from(signal.reason))
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([opening, aborted.promise])
  } catch (reason) {
    // What opens too late is closed again.
    void opening.then((late) => late[Symbol.asyncDispose]()).catch(() => {})
    throw reason
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The names of a factory's methods. */
export function methodNames(): Method[] {
  return Object.keys(argumentsOf).filter(isMethod)
}

/** Whether a method gives a stream, and not a promise. */
export function isStreaming(method: string): boolean {
  return streaming.has(method)
}

function isMethod(name: string): name is Method {
  return Object.hasOwn(argumentsOf, name)
}

function isFolder(method: Method, index: number): boolean {
  return index === 0 && (method === 'backup' || method === 'export' || method === 'import')
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function isCaller(value: unknown): value is Caller {
  return typeof value === 'object' && value !== null
}

function isSource(value: unknown): value is DocumentSource {
  return typeof value === 'object' && value !== null
}

function isFactory(value: object): value is Factory {
  return Symbol.asyncDispose in value && Object.keys(argumentsOf).every((method) => method in value)
}
