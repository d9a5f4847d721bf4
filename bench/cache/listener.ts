// A process that asks for one value again and again without a pause, and tells when it got another one.

import { cached, redisLevel } from '../../src/cache/index.ts'
import { hostMs } from './scenario.ts'

export interface Heard {
  /** At the clock of the host. */
  readonly at: number
  /** Since the last news. */
  readonly hits: number
}

let made = 0
await using l2 = redisLevel({ url: process.argv[2] ?? '', timeoutMs: 1_000 })
using value = cached((_question: string) => ++made, { name: 'listened', version: 'here', l2, tags: () => ['page'] })
let last = await value('q')
process.send?.('ready')
for (let hits = 0; ; hits++) {
  const now = await value('q')
  if (now === last) continue
  const heard: Heard = { at: hostMs(), hits }
  process.send?.(heard)
  last = now
  hits = 0
}
