// A command whose question needs a person's word: without a terminal the answer goes on without the tool, and a server's
// page may say the word.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { endOf, saying, startCommand } from '../../test/command-line.ts'
import { ModelServer, type ChatBody } from '../../test/servers/model-server.ts'
import { createFactory } from '../factory.ts'
import { approvalQuestion } from './approving.ts'
import { serveControl } from './control.ts'

const startModel = (): Promise<ModelServer> =>
  ModelServer.start({
    chat: ({ messages }: ChatBody) => {
      const told = messages.at(-1)
      if (told?.role !== 'tool')
        return { text: '', calls: [{ id: 'c', name: 'calculator', arguments: { expression: '12*7' } }] }
      return /\b84\b/.test(told.content) ? 'It is 84.' : 'Nobody may say.'
    },
  })

const permissions = [{ names: ['calculator'], permission: 'ask' as const }]
const question = ['ask', 'What is 12 times 7?']

test('nobody can be asked without a terminal and a server: the answer goes on without the call', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-cli-approving-'))
  await using model = await startModel()
  const environment = {
    ANDON_HANDBOOK: 'false',
    ANDON_TOOLS_MODE: 'inline',
    OPENAI_BASE_URL: model.baseUrl,
    ANDON_MODEL: 'scripted',
  }
  const run = (...args: string[]) => endOf(startCommand(args, { directory: folder.path, environment }))
  assert.equal((await run('tools', 'set', 'calculator', '--calls', 'ask')).code, 0)
  const asked = await run(...question)
  assert.match(asked.stdout, /Nobody may say\./, asked.stderr)
  assert.match(asked.stderr, /calculator \{"expression":"12\*7"\} needs a person/)
  assert.match(asked.stderr, /\(calculator: 12\*7 → failed: /)
})

test('the question says what the call may do, and until when a word is waited for', () => {
  const approval = {
    id: 'approval_1',
    callId: 'c',
    tool: 'shop-refund',
    description: 'Pays back',
    arguments: { order: 7 },
    traits: { readOnly: false, idempotent: false, pure: false, destructive: true, network: true },
    trust: 'trusted',
    limits: { timeoutMs: 1000, outputBytes: 1000 },
    expiresAt: new Date(2026, 0, 2, 3, 4, 5).getTime(),
  } as const
  assert.equal(
    approvalQuestion(approval),
    '\nMay shop-refund {"order":7} run? It may change what cannot be undone. It reaches the network. ' +
      'It runs as the user of Andon. Without a word until 03:04:05 it does not run. [y/N] ',
  )
  const traits = { ...approval.traits, readOnly: true, destructive: false }
  assert.match(
    approvalQuestion({ ...approval, traits, host: 'a.example' }),
    / at a\.example\? It reaches the network\. W/,
  )
})

test('a server takes the word of somebody else', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-cli-approving-'))
  await using model = await startModel()
  const dataDir = join(folder.path, '.andon')
  await using factory = await createFactory({
    dataDir,
    handbook: false,
    models: { baseUrl: model.baseUrl, model: 'scripted' },
    tools: { mode: 'inline', permissions },
  })
  await using _ = await serveControl(factory, dataDir)
  const child = startCommand(question, { directory: folder.path })
  const answered = saying(child.stdout, /It is 84\./)
  const told = await saying(child.stderr, /POST \/v1\/approvals\/\w+/)
  const [, id = ''] = /\/v1\/approvals\/(\w+)/.exec(told) ?? []
  await factory.approve(id, 'once')
  await answered
})
