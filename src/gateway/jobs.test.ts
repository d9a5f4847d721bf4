// Jobs over HTTP, with a real factory behind the door: listed, explained, cancelled, tried again and followed.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { eventsOf, type SentEvent } from '../../test/door.ts'
import { openHouseDoor, problemFrom, replyOf } from '../../test/house-door.ts'
import { jobStory, jobView, problem } from './replies.ts'
import { openGateway } from './server.ts'

const list = z.strictObject({ jobs: z.array(jobView), next: z.string().optional() })
const jobIn = (event: SentEvent | undefined) => jobView.parse(JSON.parse(event?.data ?? 'null'))

/** Events of a stream as they come. */
async function* eventsFrom(response: Response): AsyncGenerator<SentEvent> {
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const whole = text.lastIndexOf('\n\n')
    if (whole < 0) continue
    yield* eventsOf(text.slice(0, whole + 2))
    text = text.slice(whole + 2)
  }
}

describe('Jobs', () => {
  it('are listed and explained', async () => {
    await using house = await openHouseDoor()
    const id = await house.load('a.md', 'Text a.')
    for (const name of ['b.md', 'c.md']) await house.load(name, `Text ${name}.`)
    const first = await replyOf(list, house.send('GET', '/v1/jobs?limit=2&state=done'))
    assert.equal(first.jobs.length, 2)
    const rest = await replyOf(list, house.send('GET', `/v1/jobs?limit=2&state=done&after=${first.next ?? ''}`))
    assert.deepEqual(
      [...first.jobs, ...rest.jobs].map(({ documentName }) => documentName),
      ['c.md', 'b.md', 'a.md'],
    )
    assert.equal(rest.next, undefined)
    const [of] = (await replyOf(list, house.send('GET', `/v1/jobs?document_id=${id}`))).jobs
    const story = await replyOf(jobStory, house.send('GET', `/v1/jobs/${of?.id ?? ''}`))
    assert.equal(story.job.state, 'done')
    assert.ok(story.history.length > 0)
  })

  it('that failed are tried again, and stay as they ended when they are cancelled', async () => {
    await using house = await openHouseDoor({ loading: { attempts: 1 } })
    const { jobId = '' } = await house.factory.add({ name: 'a.pdf', bytes: Buffer.from('%PDF-1.4 and nothing more') })
    const ended = await (await house.send('GET', `/v1/jobs/events?ids=${jobId}`)).text()
    assert.notEqual(jobIn(eventsOf(ended).at(-2)).state, 'done')
    const left = await replyOf(jobView, house.send('POST', `/v1/jobs/${jobId}/cancel`))
    assert.equal(left.state, jobIn(eventsOf(ended).at(-2)).state)
    const again = await replyOf(jobView, house.send('POST', `/v1/jobs/${jobId}/retry`))
    assert.equal(again.id, jobId)
    const last = eventsOf(await (await house.send('GET', `/v1/jobs/events?ids=${jobId}`)).text())
    assert.equal(last.at(-1)?.event, 'end')
  })

  it('say what is wrong with a request', async () => {
    await using house = await openHouseDoor()
    for (const query of ['state=new', 'limit=0', 'documentId=a'])
      await problemFrom(house.send('GET', `/v1/jobs?${query}`), 400)
    await problemFrom(house.send('GET', '/v1/jobs/job_1'), 404)
    await problemFrom(house.send('POST', '/v1/jobs/job_1/cancel'), 404)
    await problemFrom(house.send('POST', '/v1/jobs/job_1/retry'), 404)
    await problemFrom(house.send('GET', '/v1/jobs/events?ids=job_1'), 404)
    await problemFrom(house.send('GET', '/v1/jobs/events?ids=,'), 400)
    await problemFrom(
      house.send('GET', `/v1/jobs/events?ids=${Array.from({ length: 1001 }, (_, id) => id).join()}`),
      400,
    )
  })
})

describe('The events of jobs', () => {
  it('tell of some jobs until each has ended, with a number each, and then end', async () => {
    await using house = await openHouseDoor()
    const ids: string[] = []
    for (const name of ['a.md', 'b.md'])
      ids.push((await house.factory.add({ name, text: `Text ${name}.` })).jobId ?? '')
    const response = await house.send('GET', `/v1/jobs/events?ids=${ids.join()}`)
    const events = await Array.fromAsync(eventsFrom(response))
    assert.deepEqual(events.at(-1), { event: 'end', data: '{}' })
    const jobs = events.slice(0, -1)
    assert.deepEqual(
      jobs.map(({ id }) => id),
      jobs.map((_, index) => String(index + 1)),
    )
    const last = new Map(jobs.map((event) => [jobIn(event).id, jobIn(event).state]))
    assert.deepEqual([...last.values()], ['done', 'done'])
  })

  it('tell of all jobs, also of new ones, until the caller leaves', async () => {
    await using house = await openHouseDoor()
    await house.load('before.md', 'It has ended before.')
    const leaving = new AbortController()
    const response = await fetch(`${house.gateway.url}/v1/jobs/events`, { signal: leaving.signal })
    const { jobId } = await house.factory.add({ name: 'new.md', text: 'New.' })
    const { jobId: other } = await house.factory.add({ name: 'other.md', text: 'Theirs.' }, { tenant: 'other' })
    const seen: string[] = []
    for await (const event of eventsFrom(response)) {
      assert.equal(event.event, 'job')
      const job = jobIn(event)
      assert.equal(job.documentName, 'new.md')
      seen.push(job.state)
      if (job.state === 'done') break
    }
    leaving.abort()
    assert.ok(jobId !== undefined && other !== undefined)
    assert.equal(seen.at(-1), 'done')
  })

  it('end when the door begins to close, and do not hold it open', async () => {
    await using house = await openHouseDoor()
    // Who is served may take as long as he likes; who waits for news may not.
    const door = await openGateway(house.factory, { port: 0, lingerMs: 0, drainMs: 600_000 })
    const events = eventsFrom(await fetch(`${door.url}/v1/jobs/events`))
    const { jobId } = await house.factory.add({ name: 'a.md', text: 'Text a.' })
    assert.equal(jobIn((await events.next()).value ?? undefined).id, jobId)
    const closed = door.close()
    let last: SentEvent | undefined
    for await (const event of events) last = event
    await closed
    assert.equal(last?.event, 'error')
    const { code, detail } = problem.parse(JSON.parse(last.data))
    assert.equal(code, 'unavailable')
    assert.match(detail, /being stopped/)
  })
})
