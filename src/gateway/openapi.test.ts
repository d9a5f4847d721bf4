// The description of the API: sound by the rules of others, and with every route in it.

import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, it, test } from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import type { FastifyInstance } from 'fastify'
import { openDoor } from '../../test/door.ts'
import { operationIdOf } from './openapi-names.ts'
import type { ApiDocument, Operation } from './openapi-document.ts'

async function description(): Promise<ApiDocument> {
  await using door = await openDoor()
  const response = await door.get('/openapi.json')
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
  return (await response.json()) as ApiDocument
}

function operationsIn({ paths }: ApiDocument): [where: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )
}

describe('/openapi.json', () => {
  it('has nothing to object to, by the rules that others recommend', async () => {
    const config = await createConfig({ extends: ['recommended'] })
    const source = JSON.stringify(await description())
    const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config })
    assert.deepEqual(
      problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer ?? ''}`),
      [],
    )
  })

  it('names each operation once, and says what it is, who may use it and how it fails', async () => {
    const document = await description()
    const tags = new Set((document.tags ?? []).map(({ name }) => name))
    const ids = new Set<string>()
    for (const [where, { operationId = '', summary, security, responses, tags: own = [] }] of operationsIn(document)) {
      assert.match(operationId, /^[a-z][a-zA-Z0-9]+$/, where)
      assert.ok(!ids.has(operationId), `${operationId} twice`)
      ids.add(operationId)
      assert.ok(summary, `${where} has no summary`)
      assert.ok(own.length === 1 && tags.has(own[0] ?? ''), `${where} has tags ${own.join()}`)
      assert.ok(security, where)
      assert.ok(responses['4XX'] && responses['5XX'], where)
    }
    for (const id of ['ask', 'addDocuments', 'addLink', 'listDocuments', 'restoreDocument', 'followJobs', 'getSession'])
      assert.ok(ids.has(id), id)
  })

  it('has every route of the door that is not hidden', async () => {
    const seen: string[] = []
    // Fastify tells of each instance as it is made, before it has any route.
    const watch = (message: unknown): void => {
      ;(message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url, schema }) => {
        if (schema?.hide === true) return
        for (const each of Array.isArray(method) ? method : [method])
          if (each !== 'HEAD' && each !== 'OPTIONS')
            seen.push(`${each} ${url.replace('*', '{id}').replace(/:(\w+)/g, '{$1}')}`)
      })
    }
    subscribe('fastify.initialization', watch)
    const document = await description()
    unsubscribe('fastify.initialization', watch)
    const described = new Set(operationsIn(document).map(([where]) => where))
    assert.ok(seen.length > 40)
    assert.deepEqual(
      seen.filter((route) => !described.has(route)),
      [],
    )
  })
})

test('Names of operations are told from method and path', () => {
  for (const [method, path, name] of [
    ['get', '/v1/documents', 'listDocuments'],
    ['get', '/v1/documents/{id}', 'getDocument'],
    ['patch', '/v1/documents/{id}', 'updateDocument'],
    ['post', '/v1/documents/{id}/restore', 'restoreDocument'],
    ['get', '/v1/documents/{id}/text', 'getDocumentText'],
    ['post', '/v1/ask', 'ask'],
    ['post', '/v1/chat/completions', 'createChatCompletion'],
    ['get', '/health/live', 'getHealthLive'],
    ['get', '/v1/status', 'getStatus'],
  ] as const)
    assert.equal(operationIdOf(method, path), name)
})
