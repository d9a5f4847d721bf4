import { deepEqual, equal, rejects } from 'node:assert/strict'
import test from 'node:test'
import { Channel } from './channel.ts'

test('what was sent before a close is received before its end', async () => {
  const channel = new Channel<number>({ capacity: 2 })
  await channel.send(1)
  await channel.send(2)
  const late = channel.send(3)
  channel.close()
  channel.close(new Error('Not heard'))
  await rejects(late, { code: 'unavailable' })
  await rejects(channel.send(4), { code: 'unavailable' })
  equal(channel.trySend(5), false)
  const got: number[] = []
  for await (const value of channel) got.push(value)
  deepEqual(got, [1, 2])
  equal(channel.tryReceive(), undefined)
  await rejects(channel.receive(), { code: 'unavailable' })
})

test('an error of the sender is heard by all receivers, after what came before', async () => {
  const channel = new Channel<number>({ capacity: 2 })
  await channel.send(1)
  channel.close(new TypeError('The page ends in the middle'))
  equal(await channel.receive(), 1)
  const read = async (): Promise<void> => {
    for await (const value of channel) equal(value, undefined)
  }
  await rejects(read, { code: 'internal', sentence: 'The page ends in the middle' })

  const other = new Channel<number>()
  const waiting = [other.receive(), other.receive()]
  other.close('Gone')
  for (const each of waiting) await rejects(each, { sentence: 'Gone' })
})

test('a loop that ends leaves the channel to others; one with a signal ends with it', async () => {
  const channel = new Channel<number | undefined>()
  for (const value of [1, undefined, 3]) channel.trySend(value)
  for await (const value of channel) {
    equal(value, 1)
    break
  }
  deepEqual(channel.tryReceive(), { value: undefined })
  const stop = new AbortController()
  const got: (number | undefined)[] = []
  const reading = (async () => {
    for await (const value of channel.values({ signal: stop.signal })) {
      got.push(value)
      stop.abort()
    }
  })()
  await rejects(reading, { code: 'cancelled' })
  deepEqual([got, channel.closed, channel.receiving], [[3], false, 0])
})

test('with no capacity a value goes from hand to hand only', async () => {
  const channel = new Channel<string>({ capacity: 0, whenFull: 'reject' })
  await rejects(channel.send('nobody'), { code: 'overloaded' })
  const receiving = channel.receive()
  equal(await channel.send('somebody'), true)
  equal(await receiving, 'somebody')
})
