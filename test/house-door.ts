// A gateway on a free port in front of a real factory on a fresh folder, and replies that are what they are said to be.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Factory } from '../src/core/factory.ts'
import { createFactory } from '../src/factory.ts'
import { problem } from '../src/gateway/replies.ts'
import { openGateway, type Gateway } from '../src/gateway/server.ts'
import type { OptionsInput } from '../src/options.ts'

export interface HouseDoor extends AsyncDisposable {
  readonly dataDir: string
  readonly factory: Factory
  readonly gateway: Gateway
  /** Sends a request; `body` goes as JSON. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** Adds a document and waits until it is ready. Returns its id. */
  load(name: string, text: string, more?: { title?: string; collection?: string }): Promise<string>
}

/** Opens a house without the handbook. */
export async function openHouseDoor(options: OptionsInput = {}): Promise<HouseDoor> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-door-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const factory = stack.use(await createFactory({ dataDir, handbook: false, readers: 1, ...options }))
  const { loading, links } = options
  const gateway = stack.use(
    await openGateway(factory, { port: 0, lingerMs: 0, ...(loading ? { loading } : {}), ...(links ? { links } : {}) }),
  )
  const owned = stack.move()
  return {
    dataDir,
    factory,
    gateway,
    send: (method, path, body, headers = {}) =>
      fetch(gateway.url + path, {
        method,
        redirect: 'manual',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      }),
    async load(name, text, more = {}) {
      const { document, jobId } = await factory.add({ name, text, ...more })
      assert.ok(jobId)
      for await (const job of factory.watch([jobId])) if (job.error) assert.fail(job.error.message)
      return document.id
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The body of a reply, which has this status and is what the schema says: no field less, and none more. */
export async function replyOf<Schema extends z.ZodType>(
  schema: Schema,
  sent: Promise<Response>,
  status = 200,
): Promise<z.output<Schema>> {
  const response = await sent
  const text = await response.text()
  assert.equal(response.status, status, text)
  return schema.parse(JSON.parse(text))
}

/** The problem that a request was refused with. */
export async function problemFrom(sent: Promise<Response>, status: number): Promise<z.output<typeof problem>> {
  const told = await replyOf(problem, sent, status)
  assert.equal(told.status, status)
  return told
}
