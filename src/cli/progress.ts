// Progress for people: a bar on a terminal, a line per file elsewhere, nothing in JSON mode.

import { SingleBar } from 'cli-progress'
import type { AddProgress } from './adding.ts'
import type { Output } from './output.ts'

const words = { taking: 'taking in', loading: 'loading' }

/** Shows how adding goes on; disposing takes the bar away. */
export function showProgress(output: Output): AddProgress & Disposable {
  if (output.json) return { step() {}, ended() {}, [Symbol.dispose]() {} }
  if (!output.interactive)
    return { step() {}, ended: (name, outcome) => output.line(`${outcome}  ${name}`), [Symbol.dispose]() {} }
  const bar = new SingleBar({
    format: '{phase} {bar} {value}/{total} {name}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
    forceRedraw: true,
  })
  let phase: string | undefined
  return {
    step(now, done, total, name) {
      const payload = { phase: words[now], name: name.length > 60 ? `…${name.slice(-59)}` : name }
      if (phase === now) return bar.update(done, payload)
      if (phase !== undefined) bar.stop()
      phase = now
      bar.start(total, done, payload)
    },
    ended() {},
    [Symbol.dispose]() {
      if (phase !== undefined) bar.stop()
    },
  }
}
