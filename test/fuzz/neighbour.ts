// Somebody who behaves, asks all along, and always gets the right answer, whatever the others do.

import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent } from 'node:http'
import type { FuzzedHouse } from './house.ts'
import { send } from './wire.ts'

export interface Neighbour {
  /** Stops asking. Gives how many questions were answered; throws when one was not answered rightly. */
  stop(): Promise<number>
}

/** Asks one question after the other, until stopped. */
export function ask({ port, secret }: FuzzedHouse): Neighbour {
  let [answered, stopped] = [0, false]
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const request = {
    method: 'POST',
    path: '/v1/ask',
    headers: { authorization: `Bearer ${secret}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'When does the lighthouse open?' }),
  }
  async function keepAsking(): Promise<void> {
    while (!stopped) {
      const { status, body, how } = await send(port, request, agent)
      assert.equal(how, 'whole', `the neighbour's question ${answered + 1} ended: ${how}`)
      assert.equal(status, 200, `the neighbour got ${status}: ${body}`)
      const { text, citations } = JSON.parse(body) as { text: string; citations: { documentName?: string }[] }
      assert.match(text, /half past nine/)
      assert.equal(citations.length, 1, body)
      answered++
      await pause(20)
    }
  }
  const over = keepAsking()
  over.catch(() => {})
  return {
    async stop() {
      stopped = true
      await over
      agent.destroy()
      return answered
    },
  }
}
