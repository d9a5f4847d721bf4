// Random operations on channels, beside a list.

import { deepEqual } from 'node:assert/strict'
import { AndonError } from '../core/errors.ts'
import { Channel, type WhenFull } from './channel.ts'
import { chance, heard, left } from './operations.fixture.ts'

/** A channel, with every policy, beside a list. */
export async function channels(rounds: number): Promise<void> {
  const policies: WhenFull[] = ['wait', 'drop-oldest', 'drop-newest', 'reject']
  for (const whenFull of policies) {
    const random = chance(7)
    const capacity = whenFull === 'drop-oldest' ? 3 : random(4)
    const dropped: number[] = []
    const channel = new Channel<number>({ capacity, whenFull, onDrop: (value) => dropped.push(value) })
    const news: string[] = []
    const expected: string[] = []
    const lying: number[] = []
    const gone: number[] = []
    const senders: { value: number; controller: AbortController }[] = []
    const receivers: { id: number; controller: AbortController }[] = []
    const settle = (name: string, promise: Promise<unknown>): void =>
      void promise.then(
        (value) => news.push(`${name} ${String(value)}`),
        (reason: unknown) => news.push(`${name} ${AndonError.from(reason).code}`),
      )
    for (let round = 0; round < rounds / policies.length; round++) {
      const choice = random(20)
      const controller = new AbortController()
      const { signal } = controller
      if (choice < 9 && senders.length < 20) {
        settle(`s${round}`, channel.send(round, { signal }))
        const receiver = receivers.shift()
        if (receiver) expected.push(`r${receiver.id} ${round}`, `s${round} true`)
        else if (lying.length < capacity) {
          lying.push(round)
          expected.push(`s${round} true`)
        } else if (whenFull === 'wait') senders.push({ value: round, controller })
        else if (whenFull === 'reject') expected.push(`s${round} overloaded`)
        else if (whenFull === 'drop-newest') {
          gone.push(round)
          expected.push(`s${round} false`)
        } else {
          gone.push(lying.shift() ?? -1)
          lying.push(round)
          expected.push(`s${round} true`)
        }
      } else if (choice < 18 && receivers.length < 20) {
        settle(`r${round}`, channel.receive({ signal }))
        const sender = senders.shift()
        if (sender) {
          lying.push(sender.value)
          expected.push(`s${sender.value} true`)
        }
        const value = lying.shift()
        if (value === undefined) receivers.push({ id: round, controller })
        else expected.push(`r${round} ${value}`)
      } else if (choice === 18) {
        const [sender] = senders.splice(random(Math.max(1, senders.length)), 1)
        sender?.controller.abort(left)
        if (sender) expected.push(`s${sender.value} cancelled`)
      } else {
        const [receiver] = receivers.splice(random(Math.max(1, receivers.length)), 1)
        receiver?.controller.abort(left)
        if (receiver) expected.push(`r${receiver.id} cancelled`)
      }
      await heard()
      deepEqual(news.sort(), expected.sort())
      news.length = expected.length = 0
      deepEqual(
        [channel.size, channel.sending, channel.receiving, channel.dropped],
        [lying.length, senders.length, receivers.length, gone.length],
      )
    }
    deepEqual(dropped, gone)
  }
}
