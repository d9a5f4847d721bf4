// One house with two tenants: A has something of everything, B has little, and keys of each scope.

import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Factory } from '../../src/core/factory.ts'
import type { Scope } from '../../src/core/key.ts'
import { createFactory } from '../../src/factory.ts'
import { openGateway } from '../../src/gateway/server.ts'
import { ModelServer } from '../servers/model-server.ts'
import type { Sent } from './rows.ts'

/** A word of A's documents, questions, names and keys, which must never be read by B. */
export const secretWord = 'quicksilver'

/** What A has, by kind of id. */
export const idNames = [
  'document',
  'job',
  'answer',
  'running',
  'session',
  'chat',
  'key',
  'response',
  'collection',
  'text',
  'toolRun',
  'approval',
  'mcp',
] as const
export type Ids = Record<(typeof idNames)[number], string>

export interface TwoTenants extends AsyncDisposable {
  url: string
  ids: Ids
  /** Routes of the door, like `GET /v1/documents/:id`, with whether they are hidden from the description. */
  routes: { route: string; hidden: boolean; scope: string }[]
  /** Keys of both, by scope. */
  a: Record<Scope, string>
  b: Record<Scope, string>
  send(key: string | undefined, sent: Sent): Promise<Reply>
}

export interface Reply {
  status: number
  text: string
  headers: Headers
}

/** Opens the house. An answer of A is under way all the time. */
export async function openTwoTenants(): Promise<TwoTenants> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-tenants-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const model = stack.use(
    await ModelServer.start({
      chat: ({ messages }) =>
        messages.at(-1)?.content.includes('slowly') === true
          ? { text: ['The mine opens', ...Array.from({ length: 1_000 }, () => ' again'), '.'], tokenMs: 300 }
          : { text: 'It opens at half past nine.' },
    }),
  )
  const factory = stack.use(
    await createFactory({
      dataDir,
      handbook: false,
      readers: 1,
      models: { baseUrl: model.baseUrl, model: 'scripted' },
      // What is not found is refused, and not asked of the model.
      tools: { offer: 'none' },
    }),
  )
  const { gateway, routes } = await watched(() =>
    openGateway(factory, { port: 0, lingerMs: 0, drainMs: 100, auth: { required: true } }),
  )
  stack.use(gateway)
  const keysOf = async (tenant: string): Promise<Record<Scope, string>> => {
    const make = async (scope: Scope): Promise<string> =>
      (await factory.createKey({ name: `${scope} ${tenant === 'a' ? secretWord : ''}`, scopes: [scope] }, { tenant }))
        .secret
    return { ask: await make('ask'), load: await make('load'), admin: await make('admin') }
  }
  const [a, b] = [await keysOf('a'), await keysOf('b')]

  const send = async (key: string | undefined, { method, path, body, headers = {} }: Sent): Promise<Reply> => {
    const response = await fetch(gateway.url + path, {
      method,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        accept: 'application/json',
        ...headers,
      },
    })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  const load = async (tenant: string, name: string, text: string, collection: string) => {
    const { document, jobId = '' } = await factory.add({ name, text, collection }, { tenant })
    for await (const job of factory.watch([jobId], { tenant })) assert.equal(job.error, undefined)
    return { document: document.id, job: jobId }
  }
  const mine = `# The mine\n\nThe ${secretWord} mine opens at half past nine.\n`
  const loaded = await load('a', 'shared.md', mine, `${secretWord}s`)
  await load('b', 'harbour.md', '# The harbour\n\nThe harbour opens at eight.\n', 'default')

  const ask = async (question: string, session: string): Promise<string> => {
    const reply = await send(a.ask, { method: 'POST', path: '/v1/ask', body: { question, session_id: session } })
    assert.equal(reply.status, 200, reply.text)
    return reply.headers.get('andon-answer') ?? ''
  }
  const answer = await ask(`When does the ${secretWord} mine open?`, 'shared')
  const chat = `${secretWord}-chat`
  const messages = [
    { id: 'm1', role: 'user', parts: [{ type: 'text', text: `When does the ${secretWord} mine open, slowly?` }] },
  ]
  const leaving = new AbortController()
  const underWay = await fetch(`${gateway.url}/v1/ui/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${a.ask}` },
    body: JSON.stringify({ id: chat, messages, resumable: true }),
    signal: leaving.signal,
  })
  assert.equal(underWay.status, 200)
  const running = underWay.headers.get('andon-answer') ?? ''
  leaving.abort()
  const key = (await factory.keys({ tenant: 'a' }))[0]?.id ?? ''
  const { toolRun, approval } = await waitingCall(factory)

  const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: secretWord, version: '1' } }
  const begun = await send(a.ask, {
    method: 'POST',
    path: '/mcp',
    body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: client },
    headers: { accept: 'application/json, text/event-stream' },
  })
  const mcp = begun.headers.get('mcp-session-id') ?? ''
  assert.match(mcp, /^[\da-f-]{36}$/, begun.text)

  const owned = stack.move()
  return {
    url: gateway.url,
    routes,
    a,
    b,
    send,
    ids: {
      ...loaded,
      answer,
      running,
      session: `ui_${chat}`,
      chat,
      key,
      response: `resp_${answer}`,
      collection: `${secretWord}s`,
      text: secretWord,
      toolRun,
      mcp,
      approval,
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A call of A that waits for a person, for as long as the house stands. */
async function waitingCall(factory: Factory): Promise<Pick<Ids, 'toolRun' | 'approval'>> {
  const caller = { tenant: 'a' }
  await factory.setTool('calculator', { permission: 'ask' }, caller)
  void factory
    .callTool({ name: 'calculator', arguments: { expression: '1+1', unit: secretWord } }, caller)
    .catch(() => {})
  for (;;) {
    const [approval] = await factory.approvals(caller)
    const [run] = await factory.toolRuns({}, caller)
    if (approval && run) return { toolRun: run.id, approval: approval.id }
    await new Promise(setImmediate)
  }
}

/** What opening gives, with the routes that were added meanwhile. */
async function watched<Opened>(
  open: () => Promise<Opened>,
): Promise<{ gateway: Opened; routes: TwoTenants['routes'] }> {
  const routes: TwoTenants['routes'] = []
  // Fastify tells of each instance as it is made, before it has any route.
  const watch = (message: unknown): void => {
    ;(message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url, schema, config }) => {
      for (const each of Array.isArray(method) ? method : [method])
        if (each !== 'HEAD' && each !== 'OPTIONS')
          routes.push({ route: `${each} ${url}`, hidden: schema?.hide === true, scope: config?.scope ?? 'admin' })
    })
  }
  subscribe('fastify.initialization', watch)
  try {
    return { gateway: await open(), routes }
  } finally {
    unsubscribe('fastify.initialization', watch)
  }
}

/** An id that nobody has, and that looks like this one. */
export function unlike(id: string): string {
  return `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`
}

/** A reply without what differs from request to request. */
export function normal(text: string, id: string): string {
  return text
    .replaceAll(id, '‹id›')
    .replaceAll(encodeURIComponent(id), '‹id›')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '‹uuid›')
    .replaceAll(/"(created|created_at|completed_at|totalMs|ms|at)":[\d.]+/g, '"$1":0')
    .replaceAll(/"timings":\{[^}]*\}/g, '"timings":{}')
}
