import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rules } from './policy.ts'
import type { ApprovalRequest, PolicyOptions } from './policy.ts'
import { ToolRegistry } from './registry.ts'
import type { ToolResult } from './tool.ts'

function guarded(options: PolicyOptions): { registry: ToolRegistry; ran: string[] } {
  const registry = new ToolRegistry({ mode: 'inline', ...options })
  const ran: string[] = []
  const add = (name: string, more: object): void => {
    const run = (): string => {
      ran.push(name)
      return name
    }
    registry.register({ name, description: '', run, ...more })
  }
  add('read', { traits: { readOnly: true }, namespace: 'files' })
  add('remove', { traits: { destructive: true }, namespace: 'files' })
  add('fetch', { traits: { network: true }, tags: ['outside'] })
  add('add', {})
  return { registry, ran }
}

function calls(...names: string[]): { id: string; name: string; arguments: string }[] {
  return names.map((name) => ({ id: name, name, arguments: '{}' }))
}

const askBeforeRemoving = rules([
  { traits: ['destructive'], permission: 'ask' },
  { tags: ['outside'], permission: 'deny' },
])

test('rules are about names, namespaces, tags and traits, and the first counts', async () => {
  const policy = rules(
    [
      { names: ['files-r*d'], permission: 'allow' },
      { namespaces: ['files'], traits: ['destructive'], permission: 'ask' },
      { tags: ['outside'], permission: 'deny' },
    ],
    'ask',
  )
  const { registry } = guarded({})
  await using _ = registry
  const decided = registry.list().map((tool) => [tool.name, policy(tool, { id: '', name: tool.name, arguments: '' })])
  assert.deepEqual(decided, [
    ['add', 'ask'],
    ['fetch', 'deny'],
    ['files-read', 'allow'],
    ['files-remove', 'ask'],
  ])
})

test('a call that waits for an approval holds up no other', async () => {
  const asked = Promise.withResolvers<ApprovalRequest>()
  const answer = Promise.withResolvers<boolean>()
  const approve = (request: ApprovalRequest): Promise<boolean> => {
    asked.resolve(request)
    return answer.promise
  }
  const { registry, ran } = guarded({ policy: askBeforeRemoving, approve })
  await using _ = registry
  const first = Promise.withResolvers<ToolResult>()
  const told: string[] = []
  const all = registry.executeToolCalls(calls('files-remove', 'add', 'fetch'), {
    onResult(result) {
      told.push(result.id)
      if (result.id === 'add') first.resolve(result)
    },
  })
  await first.promise
  assert.equal((await asked.promise).tool.name, 'files-remove')
  assert.deepEqual(ran, ['add'])
  answer.resolve(true)
  const results = await all
  assert.deepEqual(
    results.map(({ id, value, error }) => [id, value ?? error?.kind]),
    [
      ['files-remove', 'remove'],
      ['add', 'add'],
      ['fetch', 'denied'],
    ],
  )
  assert.equal(told.at(-1), 'files-remove')
})

test('a refusal is told with its reason', async () => {
  const { registry, ran } = guarded({
    policy: askBeforeRemoving,
    approve: () => ({ approved: false, reason: 'not on Fridays' }),
  })
  await using _ = registry
  const [result] = await registry.executeToolCalls(calls('files-remove'))
  assert.equal(result?.error?.kind, 'denied')
  assert.match(result.error.message, /not on Fridays/)
  assert.deepEqual(ran, [])
})

test('nobody to ask, nobody who answers in time, and whoever fails: all deny', async () => {
  const never = new Promise<boolean>(() => {})
  let over: AbortSignal | undefined
  const ways: [PolicyOptions, RegExp][] = [
    [{ policy: () => 'ask' }, /nobody can be asked/],
    [
      {
        policy: () => 'ask',
        approvalMs: 20,
        approve(request) {
          over = request.signal
          return never
        },
      },
      /nobody approved it within/,
    ],
    [{ policy: () => 'ask', approve: () => Promise.reject(new Error('mail is down')) }, /mail is down/],
    [{ policy: () => 'ask', approve: () => 'yes' as never }, /was refused/],
    [
      {
        policy: () => {
          throw new Error('bad rule')
        },
      },
      /bad rule/,
    ],
    [{ policy: () => undefined as never }, /the policy denies it/],
  ]
  for (const [options, message] of ways) {
    const { registry, ran } = guarded(options)
    await using _ = registry
    const [result] = await registry.executeToolCalls(calls('add'))
    assert.equal(result?.error?.kind, 'denied')
    assert.match(result.error.message, message)
    assert.deepEqual(ran, [])
  }
  assert.equal(over?.aborted, true)
})

test('a batch that ends does not wait for an approval', async () => {
  const never = new Promise<boolean>(() => {})
  const stop = new AbortController()
  const { registry, ran } = guarded({
    policy: askBeforeRemoving,
    approve() {
      stop.abort()
      return never
    },
  })
  await using _ = registry
  const [stopped] = await registry.executeToolCalls(calls('files-remove'), { signal: stop.signal })
  assert.equal(stopped?.error?.kind, 'cancelled')
  const patient = guarded({ policy: askBeforeRemoving, approve: () => never })
  await using __ = patient.registry
  const [late] = await patient.registry.executeToolCalls(calls('files-remove'), { deadlineMs: 20 })
  assert.equal(late?.error?.kind, 'timeout')
  assert.deepEqual([...ran, ...patient.ran], [])
})

test('a tool that is switched off while its approval is awaited does not run', async () => {
  const { registry, ran } = guarded({
    policy: askBeforeRemoving,
    approve() {
      registry.disable({ namespace: 'files' })
      return Promise.resolve(true)
    },
  })
  await using _ = registry
  const [result] = await registry.executeToolCalls(calls('files-remove'))
  assert.equal(result?.error?.kind, 'disabled')
  assert.deepEqual(ran, [])
})
