// Loaded before a program that is measured: tells its parent how much memory is left after a collection, what is still open,
// and how many rejections nobody handled. The workers of a program are none of its business.

import cluster from 'node:cluster'

let unhandled = 0

function inside(): void {
  // What finalizers free is gone after the second one. Empty pages are given back, too: V8 keeps some for its nursery, now
  // more and now less of them, and they are nobody's growth.
  for (let times = 0; times < 3; times++) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  const { rss, heapUsed, external } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  process.send?.({ inside: { rss, heapUsed, external, resources, unhandled } })
}

if (cluster.isPrimary) {
  process.on('unhandledRejection', () => unhandled++)
  process.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'inside' in message) inside()
  })
  process.once('disconnect', () => process.exit())
  // To listen to its parent alone is no reason to go on.
  process.channel?.unref()
}
