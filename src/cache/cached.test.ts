import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { openCall } from '../core/call.ts'
import type { Call } from '../core/station.ts'
import { cached } from './cache.ts'
import { cachedBatch } from './cached-batch.ts'
import { cachedStream } from './cached-stream.ts'

/** A function that counts its runs and says which one answered. */
function counting() {
  const runs: string[] = []
  const run = async (text: string): Promise<string> => {
    runs.push(text)
    await turn()
    return `${text} ${runs.length}`
  }
  return { run, runs }
}

test('a value is made once, peeked at and forgotten', async () => {
  const { run, runs } = counting()
  using f = cached(run, { name: 'f' })
  equal(f.peek('a'), undefined)
  deepEqual(await Promise.all([f('a'), f('a'), f('b')]), ['a 2', 'a 2', 'b 2'])
  equal(f.peek('a'), 'a 2')
  await f.forget('a')
  equal(f.peek('a'), undefined)
  equal(await f('a'), 'a 3')
  deepEqual(runs, ['a', 'b', 'a'])
  const { memoryHits, joined, executions } = f.stats()
  deepEqual({ memoryHits, joined, executions }, { memoryHits: 0, joined: 1, executions: 3 })
})

test('scopes, versions and names do not share; the order of properties does not matter', async () => {
  let runs = 0
  const run = (_input: { a: number; b?: number }, _call: Pick<Call, 'tenant' | 'signal'>): number => ++runs
  using f = cached(run, { name: 'f', scope: (_input, call) => call.tenant })
  const { signal } = new AbortController()
  equal(await f({ a: 1, b: 2 }, { tenant: 'x', signal }), 1)
  equal(await f({ b: 2, a: 1 }, { tenant: 'x', signal }), 1)
  equal(await f({ a: 1, b: 2 }, { tenant: 'y', signal }), 2)
})

test('a text that looks like the hash of something else is not taken for it', async () => {
  let runs = 0
  using f = cached((key: unknown) => [key, ++runs], { name: 'f', key: (key) => key })
  await f({ a: 1 })
  const { keyOf } = await import('./key.ts')
  await f(`\0${keyOf([{ a: 1 }])}`)
  equal(runs, 2)
})

test('arguments without a key are refused as a rejection', async () => {
  using f = cached((input: unknown) => input, { name: 'f' })
  await rejects(
    f(() => 1),
    { code: 'invalid' },
  )
})

test('a value is made again after its time, and all values do not end together', async () => {
  const { run, runs } = counting()
  using f = cached(run, { name: 'f', ttl: 20, jitter: 0 })
  await f('a')
  await pause(30)
  equal(f.peek('a'), undefined)
  equal(await f('a'), 'a 2')
  equal(runs.length, 2)
})

test('the function hears its signal only when the last caller has left', async () => {
  const heard: AbortSignal[] = []
  const hung = (_: string, call: Call): Promise<string> => {
    heard.push(call.signal)
    return new Promise((_resolve, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)))
  }
  using f = cached(hung, { name: 'f' })
  const [one, two] = [new AbortController(), new AbortController()]
  const calls = [one, two].map(({ signal }) => f('a', openCall({ tenant: 't', signal })))
  one.abort()
  await rejects(calls[0] ?? Promise.resolve(), { code: 'cancelled' })
  equal(heard[0]?.aborted, false)
  two.abort()
  await rejects(calls[1] ?? Promise.resolve(), { code: 'cancelled' })
  equal(heard[0]?.aborted, true)
  // What was cancelled is nobody's: the next caller starts anew.
  const three = new AbortController()
  const again = f('a', openCall({ tenant: 't', signal: three.signal }))
  await turn()
  equal(heard.length, 2)
  three.abort()
  await rejects(again, { code: 'cancelled' })
  equal(f.stats().cancelled, 3)
})

test('past its time a value is given while a new one is made', async () => {
  const { run } = counting()
  using f = cached(run, { name: 'f', ttl: 10, jitter: 0, stale: { revalidate: '1h' } })
  equal(await f('a'), 'a 1')
  await pause(15)
  equal(await f('a'), 'a 1')
  await pause(2)
  equal(await f('a'), 'a 2')
})

test('before its time ends a value is made again in the background', async () => {
  const { run } = counting()
  using f = cached(run, { name: 'f', ttl: '1h', jitter: 0, stale: { refreshAhead: 0 } })
  equal(await f('a'), 'a 1')
  await pause(5)
  equal(await f('a'), 'a 1')
  await pause(2)
  equal(f.peek('a'), 'a 2')
})

test('when no new value can be made the old one is given for the time of grace, and not after', async () => {
  let broken = false
  const run = (): Promise<string> => (broken ? Promise.reject(new Error('down')) : Promise.resolve('good'))
  using f = cached(run, { name: 'f', ttl: 5, jitter: 0, stale: { grace: '1h' } })
  using g = cached(run, { name: 'g', ttl: 5, jitter: 0 })
  await Promise.all([f(), g()])
  await pause(10)
  broken = true
  equal(await f(), 'good')
  await rejects(g(), /down/u)
  equal(f.stats().graceHits, 1)
})

test('failures are remembered where that is wanted', async () => {
  let runs = 0
  const run = (): Promise<never> => {
    runs++
    return Promise.reject(new RangeError('no such thing'))
  }
  using f = cached(run, { name: 'f', failures: { ttl: '1m', if: (reason) => reason instanceof RangeError } })
  await rejects(f(), /no such thing/u)
  await rejects(f(), /no such thing/u)
  equal(runs, 1)
  equal(f.stats().failureHits, 2)
})

test('what is invalidated while it is made is given and not kept', async () => {
  const gates: PromiseWithResolvers<void>[] = []
  const run = async (text: string): Promise<string> => {
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    await gate.promise
    return text
  }
  using f = cached(run, { name: 'f', tags: (text) => [`doc:${text}`] })
  for (const change of [() => f.invalidate({ tags: ['doc:a'] }), () => f.forget('a'), () => f.clear()]) {
    const call = f('a')
    await change()
    gates.at(-1)?.resolve()
    equal(await call, 'a')
    equal(f.peek('a'), undefined)
  }
  const call = f('a')
  await f.invalidate({ tags: ['doc:b'] })
  gates.at(-1)?.resolve()
  await call
  equal(f.peek('a'), 'a')
  await f.invalidate({ tags: ['doc:a'] })
  equal(f.peek('a'), undefined)
})

test('memory keeps within its bytes, and a value that is too large is given', async () => {
  using f = cached((at: number) => String(at).padEnd(1_000), {
    name: 'f',
    l1: { maxBytes: 20_000 },
    maxValueBytes: 4_000,
  })
  for (let at = 0; at < 100; at++) await f(at)
  ok(f.stats().bytes <= 20_000)
  ok(f.stats().size > 2)
  using g = cached(() => 'x'.repeat(10_000), { name: 'g', maxValueBytes: 4_000 })
  equal((await g()).length, 10_000)
  equal(g.peek(), undefined)
  equal(g.stats().tooLarge, 1)
  using h = cached(() => 'x'.repeat(10_000), { name: 'h', l1: { maxBytes: 20_000 } })
  using i = cached(() => 'x', { name: 'i', l1: false })
  for (const given of [h, i]) {
    await given()
    deepEqual([given.peek(), given.stats().stored, given.stats().notStored], [undefined, 0, 1])
  }
})

test('hits in a tight loop let the event loop turn', async () => {
  using one = cached(() => 1, { name: 'f' })
  using batch = cachedBatch((inputs: readonly number[]) => Promise.resolve(inputs), { name: 'g' })
  using stream = cachedStream(async function* run() {}, { name: 'h' })
  for (const f of [() => one(), () => batch([1]), () => stream().next()]) {
    await f()
    await turn()
    let turned = false
    setImmediate(() => (turned = true))
    for (let at = 0; at < 1_100; at++) await f()
    equal(turned, true)
  }
})

test('warming calls so many at once, tells how far it is and stops when told', async () => {
  let now = 0
  let most = 0
  const run = async (at: number): Promise<number> => {
    most = Math.max(most, ++now)
    await turn()
    now--
    if (at === 3) throw new Error('three')
    return at
  }
  using f = cached(run, { name: 'f' })
  const inputs = Array.from({ length: 10 }, (_, at) => [at] as [number])
  const seen: number[] = []
  const warmed = await f.warm(inputs, { concurrency: 3, onProgress: ({ done, failed }) => seen.push(done + failed) })
  deepEqual([warmed.done, warmed.failed, most], [9, 1, 3])
  deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  equal(f.peek(9), 9)
  await rejects(f.warm(inputs, { signal: AbortSignal.abort() }), { code: 'cancelled' })
})

test('a decorated method shares one cache and keeps its instance', async () => {
  class Library {
    declare summary: (id: string) => Promise<string>
    runs = 0
  }
  async function summary(this: Library, id: string): Promise<string> {
    this.runs++
    return `${id} ${this.runs}`
  }
  const context = { kind: 'method', name: 'summary' } as ClassMethodDecoratorContext<Library, Library['summary']>
  // What the runtime does for `@cached()` in front of the method.
  Library.prototype.summary = cached<[string], string>()(summary, context)
  const library = new Library()
  equal(await library.summary('a'), 'a 1')
  equal(await library.summary('a'), 'a 1')
  equal(await library.summary('b'), 'b 2')
})

test('a batch asks only for what is missing, and joins what is under way', async () => {
  const asked: (readonly string[])[] = []
  const gate = Promise.withResolvers<void>()
  const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
    asked.push(texts)
    await gate.promise
    return texts.map((text) => Float32Array.of(text.length))
  }
  using f = cachedBatch(embed, { name: 'f' })
  const first = f(['a', 'bb'])
  const second = f(['bb', 'ccc', 'ccc'])
  gate.resolve()
  deepEqual(await first, [Float32Array.of(1), Float32Array.of(2)])
  deepEqual(await second, [Float32Array.of(2), Float32Array.of(3), Float32Array.of(3)])
  deepEqual(await f(['ccc', 'a', 'dddd']), [Float32Array.of(3), Float32Array.of(1), Float32Array.of(4)])
  deepEqual(asked, [['a', 'bb'], ['ccc'], ['dddd']])
})

test('a batch that fails, or answers with too few, fails for those who asked and is asked again', async () => {
  let answer: readonly number[] | Error = new Error('down')
  using f = cachedBatch(async (_inputs: readonly number[]) => {
    if (answer instanceof Error) throw answer
    return answer
  }, { name: 'f' }) // prettier-ignore
  await rejects(f([1, 2]), /down/u)
  answer = [1]
  await rejects(f([1, 2]), { code: 'internal' })
  answer = [1, 2]
  deepEqual(await f([1, 2]), [1, 2])
})

test('an input without a key refuses its batch, and whoever asks for the others is answered', async () => {
  using f = cachedBatch((inputs: readonly unknown[]) => Promise.resolve(inputs), { name: 'f' })
  await rejects(f(['a', () => {}]), { code: 'invalid' })
  deepEqual(await f(['a']), ['a'])
})

test('a batch is cancelled when nobody waits for any of it', async () => {
  const heard = Promise.withResolvers<AbortSignal>()
  using f = cachedBatch(
    (_inputs: readonly number[], signal: AbortSignal) => {
      heard.resolve(signal)
      return new Promise<number[]>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    { name: 'f' },
  )
  const [one, two] = [new AbortController(), new AbortController()]
  const calls = [f([1, 2], one.signal), f([2], two.signal)].map((call) => rejects(call, { code: 'cancelled' }))
  one.abort()
  const signal = await heard.promise
  await turn()
  equal(signal.aborted, false)
  two.abort()
  await Promise.all(calls)
  equal(signal.aborted, true)
})

test('options that make no sense are refused by name', () => {
  for (const wrong of [
    { name: '' },
    { name: 'f', jitter: 2 },
    { name: 'f', ttl: -1 },
    { name: 'f', ttl: '5 weeks' as '5s' },
  ]) {
    let refused: unknown
    try {
      cached(() => 1, wrong)
    } catch (reason) {
      refused = reason
    }
    notEqual(refused, undefined, JSON.stringify(wrong))
  }
})
