// GET /metrics: what Prometheus reads. What happens is heard on the channels of this process; what is, is looked at when
// somebody asks.

import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client'
import {
  answerChannel,
  placeChannel,
  toolChannel,
  troubleChannel,
  type AnswerEndedEvent,
  type ToolEvent,
} from '../core/channels.ts'
import { addCacheMeters } from './cache-meters.ts'
import { gatewayChannel, type GatewayEvent } from './channel.ts'
import type { App, Door } from './door.ts'
import { createMeters, type Meters } from './meters.ts'
import { addModelMeters } from './models/meters.ts'

/** Adds GET /metrics, in Prometheus' text format; needs the scope `admin`. */
export function addMetrics(app: App, door: Door): void {
  const meters = createMeters()
  const ofModels = door.router && addModelMeters(meters.registry, door.router)
  const ofCaches = addCacheMeters(meters.registry, door.factory)
  const labels = new Set<string>()
  const stop = [
    gatewayChannel.subscribe((event) => hearGateway(meters, event)),
    answerChannel.subscribe((event) => hearAnswer(meters, event)),
    toolChannel.subscribe((event) => hearTool(meters, event, labels)),
    troubleChannel.subscribe(({ part }) => meters.troubles.inc({ part })),
    placeChannel.subscribe((event) => {
      if (event.event === 'worker-ended' && !event.planned) meters.workersRestarted.inc({ pool: event.pool })
    }),
  ]
  app.addHook('onClose', async () => {
    for (const each of stop) each()
    ofModels?.[Symbol.dispose]()
  })
  const schema = { tags: ['Operations'], summary: 'Metrics in the text format of Prometheus' }
  app.get('/metrics', { schema, config: { scope: 'admin' } }, async (_request, reply) => {
    await Promise.all([look(meters, door), ofCaches.look()])
    ofModels?.look()
    const text = `${await meters.registry.metrics()}\n${await ofProcess().metrics()}`
    return reply.type(meters.registry.contentType).send(text)
  })
}

function hearGateway(meters: Meters, event: GatewayEvent): void {
  switch (event.event) {
    case 'request-ended': {
      const { route, method, status, ms } = event
      meters.requests.inc({ route, method, status: String(status) })
      meters.requestSeconds.observe({ route, method }, ms / 1000)
      return
    }
    case 'let-in':
      return meters.admissionSeconds.observe({ lane: event.lane }, event.waitMs / 1000)
    case 'refused':
      return meters.admissionRefused.inc({ lane: event.lane })
    case 'fault':
      return meters.faults.inc()
  }
}

function hearAnswer(meters: Meters, { state, firstTextMs, totalMs, spans, end }: AnswerEndedEvent): void {
  meters.answersEnded.inc({ state })
  if (firstTextMs !== undefined) meters.firstTextSeconds.observe(firstTextMs / 1000)
  if (totalMs !== undefined) meters.answerSeconds.observe(totalMs / 1000)
  for (const { station, workMs } of spans) meters.stageSeconds.observe({ stage: station }, workMs / 1000)
  if (!end) return
  meters.answers.inc({ mode: end.mode, confidence: end.confidence })
  for (const { reason } of end.degraded) meters.degraded.inc({ reason })
  if (!end.usage) return
  meters.tokens.inc({ kind: 'prompt' }, end.usage.promptTokens)
  meters.tokens.inc({ kind: 'completion' }, end.usage.completionTokens)
}

/** Tools that have a label of their own: those that ran first. The others are `other`. */
const mostToolLabels = 200

function hearTool(meters: Meters, event: ToolEvent, labels: Set<string>): void {
  if (event.event === 'began') return
  const { place, kind, runMs, workerKilled } = event
  if (labels.size < mostToolLabels) labels.add(event.tool)
  const tool = labels.has(event.tool) ? event.tool : 'other'
  meters.toolRuns.inc({ tool, outcome: kind, place })
  meters.toolSeconds.observe({ tool, place }, runMs / 1000)
  if (workerKilled) meters.toolsKilled.inc({ tool, place })
}

async function look(meters: Meters, door: Door): Promise<void> {
  const { question, load } = door.admission.state()
  meters.questionsRunning.set(question.running)
  meters.questionsWaiting.set(question.waiting)
  meters.uploadsRunning.set(load.running)
  meters.uploadsWaiting.set(load.waiting)
  const { ready, totals, eventLoopDelayMs, pools = [] } = await door.health.read()
  meters.ready.set(ready && !door.draining() && !door.starting() && !door.late() ? 1 : 0)
  meters.documents.set(totals.documents)
  meters.passages.set(totals.passages)
  meters.jobs.set({ state: 'waiting' }, totals.waiting)
  meters.jobs.set({ state: 'running' }, totals.running)
  const { p50, p99, max } = eventLoopDelayMs
  for (const [percentile, ms] of [
    ['50', p50],
    ['99', p99],
    ['100', max],
  ] as const)
    meters.loopSeconds.set({ percentile }, ms / 1000)
  for (const { name: pool, running, waiting } of pools) {
    meters.poolRunning.set({ pool }, running)
    meters.poolWaiting.set({ pool }, waiting)
  }
}

let processRegistry: Registry | undefined

/** The process and Node's own: once in a process, however many doors it has, because their probes are never taken down. */
export function ofProcess(): Registry {
  if (!processRegistry) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
    // Their names promise counters, which they are not.
    for (const what of ['handles', 'requests', 'resources'])
      processRegistry.removeSingleMetric(`nodejs_active_${what}_total`)
    for (const what of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
      hideEmpty(processRegistry.getSingleMetric(`nodejs_eventloop_lag_${what}_seconds`))
  }
  return processRegistry
}

/**
 * Shows what is measured of the loop only where something was since the last look. A histogram without samples says 292
 * years, 511 nanoseconds, zero or nothing that is a number; a sample is never shorter than the millisecond it waits for.
 */
function hideEmpty(metric: Metric | undefined): void {
  if (!(metric instanceof Gauge)) return
  const set = metric.set.bind(metric)
  const isSpread = metric === processRegistry?.getSingleMetric('nodejs_eventloop_lag_stddev_seconds')
  Object.assign(metric, {
    set(labels: object, seconds: number) {
      if (isSpread ? Number.isFinite(seconds) : seconds > 1e-6 && seconds < 1e6) set(labels, seconds)
      else metric.remove()
    },
  })
}
