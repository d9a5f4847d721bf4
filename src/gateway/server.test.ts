// Opening and closing the door: health, a taken port, and nobody cut off.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { eventsOf, jsonIn, jsonOf, openDoor, textOf } from '../../test/door.ts'
import { standInFactory } from '../../test/stand-in-factory.ts'
import { AndonError } from '../core/errors.ts'
import { openGateway } from './server.ts'

describe('Health', () => {
  it('is alive and ready, with what it looked at', async () => {
    await using door = await openDoor()
    assert.equal((await jsonOf(await door.get('/health/live')))['status'], 'alive')
    const ready = await door.get('/health/ready')
    assert.equal(ready.status, 200)
    const health = await jsonOf(ready)
    assert.equal(health['status'], 'ready')
    assert.equal(health['parts']?.[0]?.['name'], 'store')
  })

  it('is alive and not ready when the factory cannot say how it is', async () => {
    await using door = await openDoor()
    door.factory.fail = new AndonError('unavailable', 'The store is gone.')
    assert.equal((await door.get('/health/ready')).status, 503)
    assert.equal((await door.get('/health/live')).status, 200)
  })
})

describe('Closing', () => {
  it('lets an answer under way finish and accepts nobody new', async () => {
    const door = await openDoor({ lingerMs: 50 })
    const hold = Promise.withResolvers<void>()
    door.factory.hold = hold.promise
    const response = await door.post('/v1/ask', { question: 'lock' })
    const closing = door.gateway.close()
    const refused = connect(door.gateway.port, '127.0.0.1')
    await assert.rejects(once(refused, 'connect'), /ECONNREFUSED/)
    hold.resolve()
    const events = eventsOf(await response.text())
    assert.equal(events.at(-1)?.event, 'answer-end')
    await closing
  })

  it('tells a client on an open connection to close it, and says that it is draining', async () => {
    const door = await openDoor({ lingerMs: 50 })
    using agent = new OneConnection()
    using other = new OneConnection()
    const models = `${door.gateway.url}/v1/models`
    assert.equal((await other.get(models)).status, 200)
    const url = `${door.gateway.url}/health/ready`
    assert.equal((await agent.get(url)).connection, 'keep-alive')
    const hold = Promise.withResolvers<void>()
    door.factory.hold = hold.promise
    const stream = await door.post('/v1/ask', { question: 'lock' })
    const closing = door.gateway.close()
    const last = await agent.get(url)
    assert.equal(last.status, 503)
    assert.equal(jsonIn(last.body)['status'], 'draining')
    assert.equal(last.connection, 'close')
    const refused = await other.get(models)
    assert.equal(refused.status, 503)
    assert.equal(refused.connection, 'close')
    assert.equal(refused.sniffing, 'nosniff')
    hold.resolve()
    await stream.text()
    await closing
  })

  it('ends an answer that outlasts the limit, and says why', async () => {
    const door = await openDoor({ drainMs: 1 })
    door.factory.hold = Promise.withResolvers<void>().promise
    const response = await door.post('/v1/ask', { question: 'lock' })
    const closing = door.gateway.close()
    const events = eventsOf(await response.text())
    assert.equal(events.at(-1)?.event, 'error')
    assert.match(events.at(-1)?.data ?? '', /being stopped/)
    await closing
  })

  it('may be asked for twice', async () => {
    const door = await openDoor()
    await Promise.all([door.gateway.close(), door.gateway.close()])
    await door[Symbol.asyncDispose]()
  })
})

describe('Opening', () => {
  it('says that a port is taken and what to do', async () => {
    await using door = await openDoor()
    await assert.rejects(openGateway(standInFactory(), { port: door.gateway.port }), (reason: unknown) => {
      const error = AndonError.from(reason)
      assert.equal(error.code, 'unavailable')
      assert.match(error.sentence, new RegExp(`Port ${door.gateway.port} on 127.0.0.1 is taken.*--port`))
      return true
    })
  })
})

describe('A body', () => {
  it('that is larger than limits.bodyBytes is told how large it may be', async () => {
    await using door = await openDoor({ limits: { bodyBytes: 512 * 1024 } })
    const refused = await door.post('/v1/ask', { question: 'x'.repeat(600_000) })
    assert.equal(refused.status, 413)
    assert.match(textOf((await jsonOf(refused))['detail']), /larger than 0\.5 MiB\..*limits\.bodyBytes/)
  })
})

interface Answered {
  status: number | undefined
  connection: string | undefined
  /** What the header against guessing at types says. */
  sniffing: string
  body: string
}

/** A client that keeps its one connection. */
class OneConnection implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  get(url: string): Promise<Answered> {
    const answered = Promise.withResolvers<Answered>()
    get(url, { agent: this.#agent }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => {
        const { statusCode: status, headers } = response
        const sniffing = String(headers['x-content-type-options'])
        answered.resolve({ status, connection: headers.connection, sniffing, body })
      })
    }).on('error', answered.reject)
    return answered.promise
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
