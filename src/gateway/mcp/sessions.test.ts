import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Server } from '@modelcontextprotocol/server'
import type { AndonError } from '../../core/errors.ts'
import type { Principal } from '../door.ts'
import { EventRoom, SessionEvents } from './events.ts'
import { McpSessions, type McpSession } from './sessions.ts'

const principal = (tenant: string, keyId = tenant): Principal => ({
  kind: 'key',
  name: 'test',
  tenant,
  scopes: ['ask'],
  keyId,
})

/** Begins a session as a client does. */
async function begin(sessions: McpSessions, owner: Principal): Promise<McpSession> {
  const server = new Server({ name: 'test', version: '1' }, { capabilities: {} })
  const session = await sessions.begin(owner, server)
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const request = new Request('http://test/mcp', {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  })
  const reply = await session.transport.handleRequest(request)
  assert.equal(reply.status, 200)
  await reply.body?.cancel()
  return session
}

const idOf = ({ transport }: McpSession): string => transport.sessionId ?? ''

describe('Sessions', () => {
  it('are found by who began them, and by nobody else', async () => {
    await using sessions = new McpSessions()
    const session = await begin(sessions, principal('a'))
    assert.equal(sessions.find(idOf(session), principal('a')), session)
    assert.equal(sessions.find(idOf(session), principal('a', 'another key')), undefined)
    assert.equal(sessions.find(idOf(session), principal('b', 'a')), undefined)
    assert.equal(sessions.find(idOf(session), { ...principal('a'), kind: 'token' }), undefined)
    assert.equal(sessions.find('nothing', principal('a')), undefined)
  })

  it('make room for new ones: the one unused for longest goes, and never one of a tenant with fewer', async () => {
    await using sessions = new McpSessions({ most: 4, mostOfTenant: 3 })
    const ofB = await begin(sessions, principal('b'))
    const ofA: McpSession[] = []
    for (let count = 0; count < 5; count += 1) ofA.push(await begin(sessions, principal('a')))
    assert.equal(sessions.size, 4)
    assert.deepEqual(
      ofA.map((each) => sessions.find(idOf(each), principal('a')) === each),
      [false, false, true, true, true],
    )
    // The door is full: a newcomer takes the place of one of who has most.
    const ofC = await begin(sessions, principal('c'))
    assert.equal(sessions.size, 4)
    assert.equal(sessions.find(idOf(ofC), principal('c')), ofC)
    assert.equal(sessions.find(idOf(ofB), principal('b')), ofB)
  })

  it('that are in use are kept, and what is too much is refused', async () => {
    await using sessions = new McpSessions({ mostOfTenant: 2 })
    for (let count = 0; count < 2; count += 1) (await begin(sessions, principal('a'))).busy = 1
    await assert.rejects(begin(sessions, principal('a')), (error: AndonError) => error.code === 'overloaded')
    assert.equal(sessions.size, 2)
  })

  it('that nobody uses end, with what they have under way', async () => {
    await using sessions = new McpSessions({ idleMs: 20 })
    const session = await begin(sessions, principal('a'))
    const busy = await begin(sessions, principal('a'))
    busy.busy = 1
    const ended = Promise.withResolvers<void>()
    const { transport } = session
    const forget = transport.onclose
    Object.assign(transport, {
      onclose: () => {
        forget?.()
        ended.resolve()
      },
    })
    await ended.promise
    assert.equal(sessions.find(idOf(session), principal('a')), undefined)
    assert.equal(sessions.find(idOf(busy), principal('a')), busy)
  })
})

describe('The events of a session', () => {
  const message = (id: number) => ({ jsonrpc: '2.0' as const, id, result: {} })
  async function after(events: SessionEvents, id: string): Promise<string[]> {
    const sent: string[] = []
    await events.replayEventsAfter(id, { send: async (each) => void sent.push(each) })
    return sent
  }

  it('are sent again from any that is kept, of its stream only', async () => {
    const events = new SessionEvents()
    const ids: string[] = []
    for (const [number, stream] of ['a', 'b', 'a', 'b', 'a'].entries())
      ids.push(await events.storeEvent(stream, message(number)))
    assert.deepEqual(await after(events, ids[0] ?? ''), [ids[2], ids[4]])
    assert.deepEqual(await after(events, ids[3] ?? ''), [])
    await assert.rejects(after(events, 'nothing'), /not kept/)
  })

  it('are kept as far as there is room, the newest', async () => {
    const few = new SessionEvents({ most: 2 })
    const short = new SessionEvents({ mostOfSession: 100 })
    for (const events of [few, short]) {
      const ids: string[] = []
      for (let number = 0; number < 10; number += 1) ids.push(await events.storeEvent('a', message(number)))
      assert.equal(events.has(ids[0] ?? ''), false)
      assert.equal(events.has(ids[9] ?? ''), true)
      assert.deepEqual(await after(events, ids[8] ?? ''), [ids[9]])
    }
  })

  it('share one room: who comes when it is full keeps the newest, and who goes gives it back', async () => {
    const room = new EventRoom(200)
    using greedy = new SessionEvents({ room })
    for (let number = 0; number < 10; number += 1) await greedy.storeEvent('a', message(number))
    assert.ok(room.used <= 200)
    {
      using late = new SessionEvents({ room })
      await late.storeEvent('a', message(0))
      const newest = await late.storeEvent('a', message(1))
      assert.equal(late.has(newest), true)
      assert.ok(room.used <= 300)
    }
    assert.ok(room.used <= 200)
  })
})
