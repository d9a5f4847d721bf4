import { equal, ok, rejects } from 'node:assert/strict'
import { Deadline, Event } from 'andon/concurrency'

/** Work that takes five minutes, unless it hears its signal. */
const work = (deadline: Deadline): Promise<void> => new Event().wait({ signal: deadline.signal, timeoutMs: 300_000 })

const caller = new AbortController()
using answer = Deadline.after(60_000, { signal: caller.signal })
using search = answer.part({ share: 0.5 })
using generate = answer.part({ ms: 120_000 })
ok(generate.leftMs <= 60_000)
console.log('a part has no more time than the whole')

using rerank = answer.part({ ms: 5 })
await rejects(work(rerank), { code: 'deadline' })
equal(answer.over, undefined)
console.log('a part that is late ends alone')

const parts = [work(search), work(generate)]
caller.abort()
for (const part of parts) await rejects(part, { code: 'cancelled' })
ok(search.over && generate.over)
console.log('the caller left, and every part has ended')
