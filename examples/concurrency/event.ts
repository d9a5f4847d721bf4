import { deepEqual } from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { Channel, Event } from 'andon/concurrency'

const online = new Event({ name: 'online' })
const sent: string[] = []

async function send(message: string): Promise<void> {
  await online.wait({ timeoutMs: 10_000 })
  sent.push(message)
}

const sending = [send('one'), send('two')]
console.log(`${online.waiting} wait, ${sent.length} are sent`)
deepEqual([online.waiting, sent], [2, []])

online.set()
await Promise.all([...sending, send('three')]) // who comes later does not wait
console.log(`after set: ${sent.join(', ')}`)
deepEqual(sent.toSorted(), ['one', 'three', 'two'])

const pages = new Channel<number>({ capacity: 2 })
const producing = (async () => {
  for (let page = 1; page <= 5; page++) await pages.send(page)
  pages.close()
})()
await turn()
console.log(`${pages.size} pages lie ready, and the producer waits for room`)
deepEqual([pages.size, pages.sending], [2, 1])

const read: number[] = []
for await (const page of pages) read.push(page)
await producing
deepEqual(read, [1, 2, 3, 4, 5])
