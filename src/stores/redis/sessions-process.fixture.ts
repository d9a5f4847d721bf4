// A process that says many things in one session that others speak in too: a question and its answer at a time.

import { AndonError } from '../../core/errors.ts'
import { openRedisSessions } from './sessions.ts'

/** What it is to do. */
export interface Speaking {
  url: string
  who: string
  exchanges: number
  most: number
}

const { url, who, exchanges, most } = JSON.parse(process.argv[2] ?? '') as Speaking
await using sessions = await openRedisSessions({ redis: url, limits: { turns: most } })
let { version } = await sessions.read('ours', 's')
for (let said = 0; said < exchanges;)
  try {
    version = await sessions.append('ours', 's', version, [
      { role: 'user', text: `${who} ${said}`, at: said },
      { role: 'assistant', text: `${who} ${said}`, at: said },
    ])
    said++
  } catch (reason) {
    const { code, detail } = AndonError.from(reason)
    if (code !== 'conflict') throw reason
    version = (detail as { version: number }).version
  }
process.disconnect()
