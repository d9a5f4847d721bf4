// The whole surface, sent what nobody should send: nothing is a fault, nothing hangs, nothing ends, and who behaves is
// served all along. FUZZ_REQUESTS says how many requests (default 2,000), FUZZ_SEED which.

import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { openHouse, type FuzzedHouse } from './house.ts'
import { ask, type Neighbour } from './neighbour.ts'
import { form, known, rawBytes, upload, whole } from './raw.ts'
import { requestsOf, type Description, type Sent } from './requests.ts'
import { drip, type SlowSenders } from './slow.ts'
import { brokenFrames, converse, messages, noise } from './socket.ts'
import { send, sendRaw, type Outcome, type RawOutcome } from './wire.ts'

const count = Number(process.env['FUZZ_REQUESTS'] ?? 2_000)
const seed = Number(process.env['FUZZ_SEED'] ?? 20_26)
/** How many are under way at once: fewer than the door lets in, so that nobody is turned away. */
const atOnce = 12

/** So many samples, always the same for a seed. */
const some = <Item>(of: fc.Arbitrary<Item>, share: number): Item[] =>
  fc.sample(of, { seed, numRuns: Math.max(20, Math.round(count * share)) })

/** Does the work for each item, a bounded number at once. */
async function each<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) await work(step.value)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/** A fault's status: only 503 and 504 are ever said on purpose. */
const isFault = (status: number): boolean => status >= 500 && status !== 503 && status !== 504

function shown(request: Sent | Buffer | string): string {
  const text =
    typeof request === 'string' || Buffer.isBuffer(request)
      ? JSON.stringify(String(request))
      : JSON.stringify({
          method: request.method,
          headers: request.headers,
          path: request.path,
          body: String(request.body),
        })
  return text.length > 2_000 ? `${text.slice(0, 2_000)}… (${text.length} characters)` : text
}

/** What is wrong with the end of a request that was written as it should be. */
function wrongIn({ status, type, body, how }: Outcome, { method, body: sent = '' }: Sent): string | undefined {
  if (how === 'hung') return 'hung'
  if (how === 'upgraded' || how === 'left') return isFault(status) ? `got ${status}` : undefined
  // Who is refused before a large body has come is cut off while sending, and may never read why.
  if (how === 'reset') return status === 0 && sent.length < 64_000 ? 'was reset without an answer' : undefined
  if (isFault(status)) return `got ${status}: ${body}`
  if (status < 400 || method === 'HEAD' || type.startsWith('text/')) return undefined
  return isProblem(body) ? undefined : `got ${status} without a problem: ${body}`
}

/** Whether a body is a problem document, or an error as OpenAI tells it. */
function isProblem(body: string): boolean {
  try {
    const problem: unknown = JSON.parse(body)
    return typeof problem === 'object' && problem !== null && ('error' in problem || 'detail' in problem)
  } catch {
    return false
  }
}

describe(`${count} requests that nobody should send (FUZZ_SEED=${seed})`, { timeout: 1_200_000 }, () => {
  let house: FuzzedHouse
  let neighbour: Neighbour
  let slow: SlowSenders
  before(async () => {
    house = await openHouse()
    neighbour = ask(house)
    slow = drip(house.port, 60)
  })
  after(async () => {
    await house.close()
  })

  const well = (found: readonly string[]): void => {
    assert.equal(house.ended, undefined)
    assert.deepEqual([...found], [], `${found.length} were not answered as they should`)
    assert.deepEqual([...new Set(house.faults)], [])
  }
  const wrongInRaw = (what: string, { statuses, text, hung }: RawOutcome): string[] => {
    if (hung) return [`${what} hung: ${text.slice(0, 500)}`]
    return statuses.some(isFault) ? [`${what} got ${statuses.join()}: ${text.slice(0, 500)}`] : []
  }
  const tally = (context: TestContext, statuses: Map<number | string, number>): void =>
    context.diagnostic([...statuses].map(([status, times]) => `${status}: ${times}`).join(', '))

  it('requests of every operation, right, nearly right and wrong', async (context) => {
    const description = (await (await fetch(`http://127.0.0.1:${house.port}/openapi.json`)).json()) as Description
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
    const found: string[] = []
    const statuses = new Map<number | string, number>()
    await each(some(requestsOf(description, house.ids), 0.7), async (request) => {
      const outcome = await send(house.port, request, agent)
      const key = outcome.how === 'whole' ? outcome.status : outcome.how
      statuses.set(key, (statuses.get(key) ?? 0) + 1)
      const wrong = wrongIn(outcome, request)
      if (wrong !== undefined) found.push(`${shown(request)} ${wrong}`)
    })
    agent.destroy()
    tally(context, statuses)
    well(found)
    assert.ok((statuses.get(200) ?? 0) > count / 20, 'many were right')
  })

  it('bytes that are hardly HTTP, and forms that are hardly forms', async (context) => {
    const found: string[] = []
    const statuses = new Map<number | string, number>()
    const rows: [string, Buffer | string][] = [
      ...Object.entries(known).map(([what, text]): [string, Buffer] => [what, Buffer.from(text, 'latin1')]),
      ...some(rawBytes, 0.2).map((bytes): [string, Buffer] => [shown(bytes.toString('latin1')), bytes]),
    ]
    await each(rows, async ([what, bytes]) => {
      const outcome = await sendRaw(house.port, bytes)
      for (const status of outcome.statuses) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      found.push(...wrongInRaw(what, outcome))
    })
    tally(context, statuses)
    well(found)
  })

  it('requests that break off behind every byte', async () => {
    const prefixes = whole.flatMap((text) => Array.from({ length: text.length }, (_, at) => text.slice(0, at)))
    const taken = count >= 20_000 ? prefixes : prefixes.filter((_, at) => at % 2 === 0)
    const found: string[] = []
    await each(taken, async (text) => {
      found.push(...wrongInRaw(shown(text), await sendRaw(house.port, text, { leave: text.length % 3 !== 0 })))
    })
    well(found)
  })

  it('requests in one piece are answered one by one, in their order', async () => {
    const live = whole.at(-1) ?? ''
    const wrong = live.replace('/health/live', '/nowhere')
    const mixed = [live, wrong, upload(form('pipelined.md')), live, wrong].join('')
    const { statuses, hung } = await sendRaw(house.port, mixed.repeat(4), { replies: 20 })
    assert.ok(!hung)
    assert.deepEqual(
      statuses,
      [200, 404, 202, 200, 404, 200, 404, 202, 200, 404, 200, 404, 202, 200, 404, 200, 404, 202, 200, 404],
    )
  })

  it('WebSockets with frames that are none', async () => {
    const found: string[] = []
    const rows = [
      ...brokenFrames,
      ...some(noise, 0.02).map((bytes): [string, Buffer] => [bytes.toString('base64'), bytes]),
    ]
    await each(rows, async ([what, bytes]) => {
      const outcome = await sendRaw(house.port, bytes)
      assert.equal(outcome.statuses[0], 101, what)
      found.push(...wrongInRaw(what, outcome))
    })
    well(found)
  })

  it('WebSockets with messages that mean nothing', async () => {
    const found: string[] = []
    await each(
      some(fc.tuple(fc.array(messages(house.ids), { maxLength: 12 }), fc.nat(3)), 0.03),
      async ([list, way]) => {
        const ending = await converse(house.port, list, { leave: way === 0 })
        // Too large, and no UTF-8: RFC 6455 closes these.
        if (!['answered', 'closed 1009', 'closed 1007'].includes(ending))
          found.push(`${ending}: ${list.map((text) => shown(text)).join('\n')}`)
      },
    )
    well(found)
  })

  it('slow senders are answered, and nobody waited for them', async () => {
    const statuses = await slow.hurry()
    // Who needs longer than half a minute for a head, a body or some of an upload hears 408.
    const right = [200, 202, 200]
    assert.deepEqual(
      statuses.filter(({ kind, status }) => status !== right[kind] && status !== 408),
      [],
    )
    well([])
  })

  it('the neighbour was answered rightly all along', async (context) => {
    const answered = await neighbour.stop()
    context.diagnostic(`${answered} answers`)
    assert.ok(answered > 10)
    well([])
  })
})
