// One of several processes that ask the same thing of one Redis: told what to do in its first message, it says what it
// saw in its last.

import { setTimeout as pause } from 'node:timers/promises'
import { cached } from './cache.ts'
import { cachedStream } from './cached-stream.ts'
import { redisLevel } from './redis-level.ts'

/** What such a process does. */
export interface Task {
  readonly kind: 'value' | 'stream'
  readonly url: string
  readonly calls: number
  /** How long the function takes, or each of the items of the stream. */
  readonly takesMs: number
  readonly items: number
  readonly lease: `${number}ms`
}

/** What it saw. */
export interface Seen {
  readonly answers: readonly string[]
  readonly executions: number
  readonly wallMs: number
  readonly firstMs: number
  readonly takeovers: number
}

process.once('message', (task: Task) => void work(task))
process.send?.('ready')

async function work({ kind, url, calls, takesMs, items, lease }: Task): Promise<void> {
  await using l2 = redisLevel({ url, timeoutMs: 1_000 })
  const options = { name: kind, l2, flight: { lease } } as const
  await l2.get('nothing')
  process.send?.('connected')
  await new Promise((resolve) => process.once('message', resolve))
  const began = performance.now()
  let firstMs = Infinity
  const value = cached(async (question: string) => {
    process.send?.('leads')
    await pause(takesMs)
    return `answer to ${question}`
  }, options)
  const stream = cachedStream(async function* run(question: string) {
    process.send?.('leads')
    for (let at = 0; at < items; at++) {
      await pause(takesMs)
      yield `${question} ${at} `
    }
  }, options)
  const read = async (): Promise<string> => {
    if (kind === 'value') return value('q')
    let text = ''
    for await (const item of stream('q')) {
      firstMs = Math.min(firstMs, performance.timeOrigin + performance.now())
      text += item
    }
    return text
  }
  const answers = await Promise.all(Array.from({ length: calls }, read))
  const { executions, takeovers } = kind === 'value' ? value.stats() : stream.stats()
  const seen: Seen = {
    answers: [...new Set(answers)],
    executions,
    takeovers,
    firstMs,
    wallMs: performance.now() - began,
  }
  await new Promise((resolve) => process.send?.(seen, resolve))
  process.disconnect()
}
