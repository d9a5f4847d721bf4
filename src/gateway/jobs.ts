// The work that loads documents, over HTTP: listed, explained, cancelled, tried again, and told as it goes on.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { JobView } from '../core/factory.ts'
import { defined, page, pageSize } from './documents.ts'
import type { App, Door } from './door.ts'
import { problemOf, toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { jobStory, jobView } from './replies.ts'

const tags = ['Jobs']
const config = { scope: 'load' } as const
const changing = { scope: 'load', once: true } as const
const id = z.string().min(1).max(200)
const params = z.strictObject({ id })

/** Jobs that one stream tells of by name. */
const mostWatched = 1_000

const listQuery = z.strictObject({
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'dead']).optional(),
  document_id: id.optional(),
  limit: pageSize,
  after: id.optional().describe('The next of the page before.'),
})

const eventsQuery = z.strictObject({
  ids: z
    .string()
    .max(mostWatched * 201)
    .optional()
    .describe('Ids with commas between. Default: all jobs that have not ended, and those to come.'),
})

const events = `Server-sent events. Each \`job\` is a job as it now is: first as it was when the stream began, then when it
changes. With ids the stream tells \`end\` when all of them have ended, and ends; without, it goes on until the caller leaves.
A stream that breaks is begun again: it tells the present state first, so that nothing is missed.`

/** Adds the routes of jobs. */
export function addJobs(app: App, door: Door): void {
  const { factory } = door
  const list = z.strictObject({
    jobs: z.array(jobView),
    next: z.string().optional().describe('Give it as after to get the next page; absent on the last.'),
  })
  app.get(
    '/v1/jobs',
    { schema: { tags, summary: 'Lists jobs, newest first', querystring: listQuery, response: { 200: list } }, config },
    async (request) => {
      const { limit, document_id: documentId, ...query } = request.query
      const wanted = {
        ...defined<{ state?: JobView['state']; documentId?: string; after?: string }>({ ...query, documentId }),
        limit: limit + 1,
      }
      return page('jobs', await factory.jobs(wanted, door.callerOf(request)), limit)
    },
  )
  const stream = {
    tags,
    summary: 'Follows jobs as they go on',
    operationId: 'followJobs',
    description: events,
    querystring: eventsQuery,
    response: { 200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } } },
  }
  app.get('/v1/jobs/events', { schema: stream, config }, async (request, reply) => {
    const ids = idsIn(request.query.ids)
    door.visits.endWhenClosing(request)
    const jobs = factory.watch(ids, door.callerOf(request))[Symbol.asyncIterator]()
    // With ids, the first is waited for, so that one that is not known gets a status of its own.
    const first = ids ? await jobs.next() : undefined
    return sendEventStream(reply, lines(request, first, jobs), door.heartbeatMs)
  })
  app.get(
    '/v1/jobs/:id',
    { schema: { tags, summary: 'Explains a job', params, response: { 200: jobStory } }, config },
    async (request) => factory.explain(request.params.id, door.callerOf(request)),
  )
  app.post(
    '/v1/jobs/:id/cancel',
    { schema: { tags, summary: 'Cancels a job', params, response: { 200: jobView } }, config: changing },
    async (request) => factory.cancel(request.params.id, door.callerOf(request)),
  )
  app.post(
    '/v1/jobs/:id/retry',
    { schema: { tags, summary: 'Tries a job again', params, response: { 200: jobView } }, config: changing },
    async (request) => factory.retry(request.params.id, door.callerOf(request)),
  )
}

function idsIn(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined
  const ids = [...new Set(list.split(',').map((each) => each.trim()))].filter((each) => each !== '')
  if (ids.length === 0) throw new AndonError('invalid', 'ids is empty: give ids with commas between, or leave it out.')
  if (ids.length > mostWatched)
    throw new AndonError(
      'invalid',
      `There are ${ids.length} ids: at most ${mostWatched}. Leave them out to follow all jobs.`,
    )
  return ids
}

async function* lines(
  request: FastifyRequest,
  first: IteratorResult<JobView> | undefined,
  jobs: AsyncIterator<JobView>,
): AsyncGenerator<string> {
  let ended = false
  let count = 0
  try {
    // The reader sees at once that it is connected.
    yield ': the jobs\n\n'
    for (let step = first ?? (await jobs.next()); step.done !== true; step = await jobs.next())
      yield eventLine(JSON.stringify(step.value), 'job', String((count += 1)))
    ended = true
    yield eventLine('{}', 'end')
  } catch (reason) {
    ended = true
    yield eventLine(JSON.stringify(problemOf(toShow(reason, request.id), request.id)), 'error')
  } finally {
    if (!ended) await jobs.return?.()
  }
}
