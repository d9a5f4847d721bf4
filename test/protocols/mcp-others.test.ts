// Other MCP clients against /mcp: the first generation of the official one, and Andon's own.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ToolRegistry } from '../../src/tools/index.ts'
import { openHouse, question, standing, type House } from './house.ts'

describe('Other clients of /mcp', () => {
  let house: House
  before(async () => void (house = await openHouse()))
  after(() => house[Symbol.asyncDispose]())

  it('the first generation of the official client lists, asks, hears and reads', async () => {
    const client = new Client({ name: 'test', version: '1.0.0' })
    const transport = new StreamableHTTPClientTransport(new URL(`${house.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${house.key}` } },
    })
    await client.connect(transport)
    try {
      const { tools } = await client.listTools()
      assert.ok(tools.some(({ name }) => name === 'ask'))
      const heard: number[] = []
      const result = await client.callTool({ name: 'ask', arguments: { question } }, undefined, {
        onprogress: ({ progress }) => void heard.push(progress),
      })
      assert.match(JSON.stringify(result.content), /finance director/)
      assert.ok(heard.length > 2)
      const { resources } = await client.listResources()
      const [document] = resources
      assert.ok(document)
      const { contents } = await client.readResource({ uri: document.uri })
      assert.match(JSON.stringify(contents), /finance director/)
    } finally {
      await client.close()
    }
  })

  it("a registry of Andon's tools takes another Andon's as its own, with its time and its cancelling", async () => {
    await using registry = new ToolRegistry({ mode: 'thread', executor: { workers: 1 } })
    const headers = { authorization: `Bearer ${house.key}` }
    await registry.registerMcp({ name: 'andon', url: `${house.url}/mcp`, headers })
    const asked = async (question: string, signal?: AbortSignal) => {
      const calls = [{ id: 'call', name: 'andon-ask', arguments: { question } }]
      const [result] = await registry.executeToolCalls(calls, signal === undefined ? {} : { signal })
      assert.ok(result)
      return result
    }
    const result = await asked(question)
    assert.equal(result.error, undefined)
    assert.match(JSON.stringify(result.value), /finance director/)
    const leaving = new AbortController()
    const [before, cancelled] = [house.models.requests.length, house.models.cancelled]
    const left = asked(standing, leaving.signal)
    await house.models.until(({ requests }) => requests.length > before)
    leaving.abort()
    assert.equal((await left).error?.kind, 'cancelled')
    await house.models.until((models) => models.cancelled > cancelled)
  })
})
