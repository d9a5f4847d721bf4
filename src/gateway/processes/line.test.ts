import assert from 'node:assert/strict'
import cluster, { Worker } from 'node:cluster'
import { describe, it } from 'node:test'
import { openLine } from './line.ts'
import type { FromFirst, FromWorker } from './messages.ts'

/** A worker of three whose first process has not heard it in time, and has heard the others. */
class LateWorker extends Worker {
  override isConnected(): boolean {
    return true
  }

  override send(message: FromWorker, told?: unknown): boolean {
    if (message.say === 'hello') this.#hear({ say: 'welcome', process: 1, processes: 3, counts: [] })
    if (message.say === 'look') {
      const shown = [2, 3].map((process) => ({ process, shown: { status: 'ready' as const } }))
      this.#hear({ say: 'seen', look: message.look, seen: { shown, silent: [1], before: [] } })
    }
    if (typeof told === 'function') told()
    return true
  }

  #hear(message: FromFirst): void {
    setImmediate(() => this.emit('message', message))
  }
}

describe('A look of a process at all', () => {
  it('shows the others when it was itself too late to be seen, and itself', async () => {
    Object.assign(cluster, { worker: new LateWorker() })
    const line = await openLine()
    line.shows('readiness', () => ({ status: 'late' }))
    const { shown, silent } = await line.look('readiness')
    assert.deepEqual(
      shown.map(({ process, shown: { status } }) => [process, status]),
      [
        [1, 'late'],
        [2, 'ready'],
        [3, 'ready'],
      ],
    )
    assert.deepEqual(silent, [])
  })
})
