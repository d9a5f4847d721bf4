// What locks, semaphores, events and channels cost: within a thread, among threads, among processes.

import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as host from '../../concurrency/host/index.ts'
import { Channel, Deadline, Event, Lock, Semaphore } from '../../concurrency/index.ts'
import * as threads from '../../concurrency/shared/index.ts'
import { timed, type Measure } from './measure.ts'
import type { Peers } from './messages.ts'

/** Anything that is taken and given back. */
interface Taking {
  acquire: () => Promise<{ release: () => void }>
}

type Variant = 'free' | 'contended'

function row(subject: string, variant: Variant, times: number, open: Measure['open']): Measure {
  return { group: 'primitive', subject, variant, unit: 'us', times, passes: 5, open }
}

/** Of one thread. Contended: a thousand ask at once; an event is waited for before it is set; a channel holds one value. */
export function localMeasures(): Measure[] {
  const times = 5_000
  const atOnce = 1_000
  const taking = (subject: string, make: () => Taking): Measure[] => [
    row(subject, 'free', times, () => {
      const shared = make()
      return () => timed(times, () => takeAndGive(shared, times))
    }),
    row(subject, 'contended', times, () => {
      const shared = make()
      return () =>
        timed(times, async () => {
          for (let time = 0; time < times; time += atOnce)
            await Promise.all(Array.from({ length: atOnce }, () => shared.acquire().then((held) => held.release())))
        })
    }),
  ]
  return [
    ...taking('lock', () => new Lock()),
    ...taking('semaphore', () => new Semaphore(1)),
    row('event', 'free', times, () => {
      const event = new Event({ set: true })
      return () =>
        timed(times, async () => {
          for (let time = 0; time < times; time++) await event.wait()
        })
    }),
    row('event', 'contended', times, () => {
      const event = new Event()
      return () =>
        timed(times, async () => {
          for (let time = 0; time < times; time++) {
            const waiting = event.wait()
            event.set()
            event.clear()
            await waiting
          }
        })
    }),
    row('channel', 'free', times, () => {
      const channel = new Channel<number>()
      return () => timed(times, () => sendAndReceive(channel, times))
    }),
    row('channel', 'contended', times, () => {
      const channel = new Channel<number>({ capacity: 1 })
      return () =>
        timed(times, async () => void (await Promise.all([sendAll(channel, times), receiveAll(channel, times)])))
    }),
    row(
      'deadline',
      'free',
      times,
      () => () =>
        timed(times, () => {
          for (let time = 0; time < times; time++) {
            using deadline = Deadline.after(60_000)
            deadline.signal.throwIfAborted()
          }
        }),
    ),
  ]
}

/** Among threads. Contended: this thread and another; an event goes there and another comes back; one sends, one receives. */
export function threadMeasures(peers: Peers): Measure[] {
  const times = 500
  const taking = (subject: 'lock' | 'semaphore', make: () => Taking & { memory: SharedArrayBuffer }): Measure[] => [
    row(`${subject}-threads`, 'free', times, () => {
      const shared = make()
      return () => timed(times, () => takeAndGive(shared, times))
    }),
    row(`${subject}-threads`, 'contended', 2 * times, async (stack) => {
      const { ask } = await peers.thread(stack)
      const shared = make()
      return async () => {
        const go = new threads.Event()
        const theirs = ask({ kind: subject, memory: shared.memory, go: go.memory, times })
        return timed(2 * times, async () => {
          go.set()
          await takeAndGive(shared, times)
          await theirs
        })
      }
    }),
  ]
  return [
    ...taking('lock', () => new threads.Lock()),
    ...taking('semaphore', () => new threads.Semaphore(1)),
    row('event-threads', 'free', times, () => {
      const event = new threads.Event({ set: true })
      return () =>
        timed(times, async () => {
          for (let time = 0; time < times; time++) await event.wait()
        })
    }),
    row('event-threads', 'contended', times, async (stack) => {
      const { post } = await peers.thread(stack)
      return async () => {
        const [there, back] = [new threads.Event(), new threads.Event()]
        post({ kind: 'events', there: there.memory, back: back.memory, times: times / 2 })
        return timed(times, async () => {
          for (let time = 0; time < times / 2; time++) {
            there.set()
            await back.wait()
            back.clear()
          }
        })
      }
    }),
    row('channel-threads', 'free', times, () => {
      const channel = new threads.Channel<number>()
      return () => timed(times, () => sendAndReceive(channel, times))
    }),
    row('channel-threads', 'contended', times, async (stack) => {
      const { ask } = await peers.thread(stack)
      return async () => {
        const channel = new threads.Channel<number>({ bytes: 4_096 })
        const go = new threads.Event()
        const sent = ask({ kind: 'send', channel: channel.memory, go: go.memory, times })
        return timed(times, async () => {
          go.set()
          await receiveAll(channel, times)
          await sent
        })
      }
    }),
  ]
}

/** Among processes. Free: a process that is not the arbiter takes it alone; contended: that one and the arbiter. */
export function hostMeasures(peers: Peers): Measure[] {
  const times = 50
  let opened: Promise<{ folder: string; lock: host.Lock; semaphore: host.Semaphore }> | undefined
  const open = async (stack: AsyncDisposableStack): Promise<Awaited<NonNullable<typeof opened>>> => {
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'andon-bench-')))
    const { ask } = await peers.process(stack)
    const arbiter = stack.use(await host.openArbiter({ folder: folder.path, group: 'bench' }))
    const lock = stack.use(new host.Lock('bench', { arbiter }))
    const semaphore = stack.use(new host.Semaphore('bench', 1, { arbiter }))
    // Else it would take the arbiter's place, in a folder that is being removed.
    stack.defer(async () => void (await ask({ kind: 'leave' })))
    return { folder: folder.path, lock, semaphore }
  }
  return (['lock', 'semaphore'] as const).flatMap((what) => [
    row(`${what}-processes`, 'free', times, async (stack) => {
      const { ask } = await peers.process(stack)
      const { folder } = await (opened ??= open(stack))
      return async () => (Number(await ask({ kind: 'take', what, folder, times })) * 1_000) / times
    }),
    row(`${what}-processes`, 'contended', 2 * times, async (stack) => {
      const { ask } = await peers.process(stack)
      const { folder, [what]: shared } = await (opened ??= open(stack))
      return () =>
        timed(2 * times, async () => {
          const theirs = ask({ kind: 'take', what, folder, times })
          await takeAndGive(shared, times)
          await theirs
        })
    }),
  ])
}

async function takeAndGive(shared: Taking, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const held = await shared.acquire()
    held.release()
  }
}

interface Passage {
  send: (value: number) => Promise<unknown>
  receive: () => Promise<number>
}

async function sendAndReceive(channel: Passage, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await channel.send(time)
    await channel.receive()
  }
}

async function sendAll(channel: Passage, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await channel.send(time)
}

async function receiveAll(channel: Passage, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await channel.receive()
}
