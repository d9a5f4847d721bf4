// Connections on their way to a worker: one that it had not taken when it ended goes to another. Node's cluster keeps
// such a connection open and forgets it, and whoever made it would wait for ever.

import type { Worker } from 'node:cluster'

/** What the cluster says to a worker with a connection. */
interface Offer {
  readonly cmd: 'NODE_CLUSTER'
  readonly act: 'newconn'
  readonly seq: number
}

/** Watches over the connections that are offered to a worker, from its beginning on. */
export function rescueConnections(worker: Worker): void {
  const { process: child } = worker
  const offered = new Set<number>()
  const send = child.send.bind(child) as (...said: unknown[]) => boolean
  child.send = (...said: unknown[]): boolean => {
    const [message] = said
    if (isOffer(message)) offered.add(message.seq)
    return send(...said)
  }
  child.on('internalMessage', ({ ack }: { ack?: number }) => {
    if (ack !== undefined) offered.delete(ack)
  })
  let isGone = false
  worker.once('disconnect', () => {
    isGone = true
    // The cluster gives it nothing more by now. It is answered in its place, as one that shuts down answers.
    for (const ack of offered) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false })
  })
  // Its line stays open for the connection that is on it, unless this is said.
  const end = (): void => {
    if (isGone) return
    if (child.connected) setTimeout(end, 1)
    else child.emit('disconnect')
  }
  worker.once('exit', end)
}

function isOffer(message: unknown): message is Offer {
  return typeof message === 'object' && message !== null && 'act' in message && message.act === 'newconn'
}
