// GET /metrics of a gateway for models: one page for all processes that share its port, whichever is asked.

import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import { PendingCounts } from '../../observe/pending-counts.ts'
import { gatewayChannel } from '../channel.ts'
import type { App } from '../door.ts'
import { ofProcess } from '../metrics.ts'
import type { Line } from '../processes/line.ts'
import type { Metric, MetricsShown, Seen } from '../processes/messages.ts'
import { addDemandMeters, addModelMeters } from './meters.ts'
import type { ModelRouter } from './router.ts'

/**
 * Adds GET /metrics, in Prometheus' text format; needs the scope `admin`. With a line to other processes what happened is
 * added up over all of them and over those that are gone, and the metrics of each process have its number as a label.
 */
export function addModelMetrics(app: App, router: ModelRouter, line?: Line): void {
  const registry = new Registry()
  const meters = addModelMeters(registry, router)
  const counter = new Counter({
    name: 'andon_http_requests_total',
    help: 'Requests, by the pattern of their route',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  })
  const requests = new Map<string, PendingCounts<'route' | 'method' | 'status'>>()
  const stop = gatewayChannel.subscribe((event) => {
    if (event.event !== 'request-ended') return
    const { method, route, status } = event
    let counts = requests.get(method)
    if (counts === undefined)
      requests.set(
        method,
        (counts = new PendingCounts<'route' | 'method' | 'status'>(counter, ['route', 'status'], { method })),
      )
    counts.add(route, String(status))
  })
  app.addHook('onClose', async () => {
    stop()
    meters[Symbol.dispose]()
  })
  const look = (): void => {
    meters.look()
    for (const counts of requests.values()) counts.tell()
  }
  line?.shows('metrics', async () => {
    look()
    const [counted, process] = await Promise.all([registry.getMetricsAsJSON(), ofProcess().getMetricsAsJSON()])
    return { counted, process, demands: router.demands() }
  })
  const schema = { tags: ['Operations'], summary: 'Metrics in the text format of Prometheus' }
  app.get('/metrics', { schema, config: { scope: 'admin' } }, async (_request, reply) => {
    void reply.type(registry.contentType)
    if (line) return await pageOf(await line.look('metrics'))
    look()
    return `${await registry.metrics()}\n${await ofProcess().metrics()}`
  })
}

/** The page of several processes. */
async function pageOf({ shown, silent, before }: Seen<'metrics'>): Promise<string> {
  const all = shown.map(({ shown }): MetricsShown => shown)
  const counted = AggregatorRegistry.aggregate([...all.map(({ counted }) => counted), before])
  const processes = AggregatorRegistry.aggregate(
    shown.map(({ process, shown }) => shown.process.map((metric) => labelled(metric, process))),
  )
  const reckoned = new Registry()
  addDemandMeters(reckoned)(all.flatMap(({ demands }) => demands))
  const states = new Gauge({
    name: 'andon_gateway_processes',
    help: 'Processes of this gateway, by whether they answered in time what is told here',
    labelNames: ['state'],
    registers: [reckoned],
  })
  states.set({ state: 'answering' }, shown.length)
  states.set({ state: 'silent' }, silent.length)
  const texts = await Promise.all([counted, reckoned, processes].map((registry) => registry.metrics()))
  return texts.join('\n')
}

/** The same metric with the number of its process as a label. */
function labelled(metric: Metric, process: number): Metric {
  const values = metric.values.map((value) => ({ ...value, labels: { ...value.labels, process: String(process) } }))
  // Each stands for itself: there is nothing to leave out or to choose among.
  return { ...metric, aggregator: 'sum', values }
}
