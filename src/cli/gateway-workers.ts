// The gateway for models in several processes on one port: this one begins and replaces them, and serves nobody itself.

import cluster, { type Worker } from 'node:cluster'
import { aborted } from '../core/aborted.ts'
import { AndonError } from '../core/errors.ts'
import type { Reloaded } from '../gateway/processes/first.ts'
import type { FromWorker } from '../gateway/processes/messages.ts'
import { exitCodes } from './exit-codes.ts'
import { endpointsOfGateway, gatewayNeedsRestart } from './gateway-reload.ts'
import { reloadOnHangup } from './reload.ts'
import type { Shell } from './shell.ts'
import { tellGateway } from './telling-gateway.ts'

/** So soon after its beginning no worker should end of itself; another is begun after as long, in milliseconds. */
const soonMs = 2000

/**
 * Several gateways on one port. One that ends, or stands still, is replaced; the last to be told of an end waits for all.
 * Places are counted in this process where it can be: it serves nobody, and is the last to stand still.
 */
export async function runWorkers(count: number, patienceMs: number, shell: Shell): Promise<number> {
  const { output, signal, configuration } = shell
  const { FirstProcess, say } = await import('../gateway/processes/first.ts')
  const { rescueConnections } = await import('../gateway/processes/handover.ts')
  const { openArbiter } = await import('../concurrency/arbiter.ts')
  const { openProcessLog } = await import('./log.ts')
  const log = openProcessLog(configuration.options.logLevel)
  const group = `gateway-${process.pid}`
  await using _arbiter = await openArbiter({ group: configuration.options.models.routing.share ?? group })
  const first = new FirstProcess({
    processes: count,
    patienceMs,
    silent: ({ process: { pid } }, ms) => {
      const message = `A process of the gateway (${pid}) has not answered for ${Math.round(ms / 1000)} s: it is killed.`
      log({ event: 'process-silent', pid, message })
    },
  })
  const everywhere = async (reloaded: Promise<Reloaded | undefined>): Promise<boolean> => {
    const outcome = await reloaded
    if (outcome?.wrong === undefined) return outcome !== undefined
    const { taken, refused, wrong } = outcome
    output.note(`Nothing changed${taken === 0 ? '' : ` in ${refused} of ${taken + refused} processes`}: ${wrong}`)
    return false
  }
  reloadOnHangup(shell, {
    needsRestart: gatewayNeedsRestart,
    apply: (models) => everywhere(first.reload(endpointsOfGateway(models))),
  })
  const begun = new Map<Worker, number>()
  let isSaid = false
  let isOver = false
  const begin = (): void => {
    if (signal.aborted || isOver) return
    for (const number of first.free()) {
      const worker = cluster.fork({ ANDON_GATEWAY_GROUP: group })
      rescueConnections(worker)
      first.began(worker, number)
      begun.set(worker, performance.now())
    }
  }
  const listening = new Set<Worker>()
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>()
  cluster.on('message', (worker: Worker, message: FromWorker) => {
    if (message.say === 'failed') {
      const { code, sentence } = message
      // Before they listen, all of them fail for the same reason.
      const { pid } = worker.process
      return isSaid ? log({ event: 'process-failed', pid, message: sentence }) : fail(new AndonError(code, sentence))
    }
    if (message.say !== 'listening') return first.hear(worker, message)
    listening.add(worker)
    // Once: a process that takes another's place is told of when that one ends.
    if (listening.size < count || isSaid) return
    isSaid = true
    tellGateway(shell, message.url, count)
    output.result({ url: message.url, pid: process.pid, workers: [...begun.keys()].map(({ process: { pid } }) => pid) })
  })
  cluster.on('exit', (worker: Worker, _code: number, killedBy: string | null) => {
    const age = performance.now() - (begun.get(worker) ?? 0)
    begun.delete(worker)
    const isKilled = first.ended(worker)
    if (signal.aborted || isOver) {
      if (begun.size === 0) leave()
      return
    }
    const hasListened = listening.delete(worker)
    const { pid } = worker.process
    const endedItself = !isKilled && killedBy === null && (!hasListened || age < soonMs)
    // What ends one at its beginning is no reason to end others, which serve.
    const mayGoOn = isSaid && (listening.size > 0 || !endedItself)
    if (!isKilled && !mayGoOn && (endedItself || !hasListened))
      return fail(new AndonError('unavailable', 'A process of the gateway ended as soon as it had begun.'))
    const after = endedItself ? ` in ${soonMs / 1000} s, because it had just begun` : ''
    const message = `A process of the gateway ended (${pid}); another takes its place${after}.`
    log({ event: 'process-ended', pid, message })
    if (endedItself) setTimeout(begin, soonMs).unref()
    else begin()
  })
  begin()
  try {
    await Promise.race([aborted(signal), failed])
  } catch (reason) {
    isOver = true
    for (const worker of begun.keys()) worker.process.kill()
    throw reason
  }
  output.note('Stopping: requests under way may finish. Press Ctrl-C again to stop now.')
  // One that heard the same signal may be gone already.
  for (const worker of begun.keys()) say(worker, { say: 'stop' })
  await gone
  return exitCodes.ok
}
