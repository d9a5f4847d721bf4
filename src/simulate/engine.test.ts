import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Engine } from './engine.ts'
import type { EngineOptions } from './engine-options.ts'
import type { Sequence, SequenceRequest } from './sequence.ts'

/** Runs steps until nothing is left to do; after each of them `look` is called. */
function drain(engine: Engine, look: () => void = () => {}): number {
  let now = 0
  for (let step = engine.begin(now); step; step = engine.begin(now)) {
    now += step.ms
    engine.end(now)
    look()
  }
  return now
}

/** The order in which requests ended. */
function endings(options: EngineOptions, requests: (SequenceRequest & { name: string })[]): string[] {
  const engine = new Engine(options)
  const ended: string[] = []
  for (const request of requests)
    engine.submit({ ...request, onStep: (_, done) => done && ended.push(request.name) }, 0)
  drain(engine)
  return ended
}

const prompt = { promptTokens: 32, outputTokens: 4 }

describe('a step', () => {
  test('makes one token for each sequence, and computes prompts in what is left of its budget', () => {
    const engine = new Engine({ tokenBudget: 20, maxSeqs: 4 })
    engine.submit({ promptTokens: 10, outputTokens: 5 }, 0)
    engine.submit({ promptTokens: 30, outputTokens: 5 }, 0)
    const shapes: [number, number][] = []
    for (let at = 0; at < 4; at++) {
      const step = engine.begin(at)
      shapes.push([step?.decodes ?? 0, step?.prefillTokens ?? 0])
      engine.end(at + 1)
    }
    // 10 and 10 of 30; one token and 19; one token and the last 1, which makes a token too; then two.
    assert.deepEqual(shapes, [[0, 20], [1, 19], [1, 1], [2, 0]]) // prettier-ignore
  })

  test('takes as long as the profile says', () => {
    const engine = new Engine({ profile: 'h100-8b' })
    const { baseMs, perPrefillTokenMs } = engine.settings.profile
    const plain = { ...engine.settings.profile, noise: { value: 0, provenance: 'test' } }
    const exact = new Engine({ profile: plain })
    exact.submit({ promptTokens: 1000, outputTokens: 2 }, 0)
    assert.equal(exact.begin(0)?.ms, baseMs.value + 1000 * perPrefillTokenMs.value)
    exact.end(1)
    const { perDecodeMs, perKvTokenMs } = plain
    assert.equal(exact.begin(1)?.ms, baseMs.value + perDecodeMs.value + 1001 * perKvTokenMs.value)
    exact.slowness = 8
    exact.end(2)
    assert.equal(exact.begin(2), undefined)
  })

  test('ends a request without output with its prompt computed', () => {
    const engine = new Engine()
    let ended = 0
    const sequence = engine.submit(
      { promptTokens: 40, outputTokens: 0, onStep: (_, done) => (ended += Number(done)) },
      0,
    )
    drain(engine)
    assert.deepEqual([ended, sequence.produced, engine.cache.free], [1, 0, engine.cache.size])
  })
})

describe('who goes first', () => {
  const one = { maxSeqs: 1 } as const

  test('who came first, as a rule', () => {
    const names = ['a', 'b', 'c'].map((name) => ({ ...prompt, name }))
    assert.deepEqual(endings(one, names), ['a', 'b', 'c'])
  })

  test('the lower number, where priorities count', () => {
    const requests = [
      { ...prompt, name: 'late', priority: 9 },
      { ...prompt, name: 'first', priority: 0 },
      { ...prompt, name: 'second', priority: 0 },
      { ...prompt, name: 'urgent', priority: -1 },
    ]
    assert.deepEqual(endings({ ...one, scheduling: 'priority' }, requests), ['urgent', 'first', 'second', 'late'])
  })

  test('a priority is refused where none counts, as vLLM does', () => {
    assert.throws(() => new Engine().submit({ ...prompt, priority: 1 }, 0), { code: 'invalid' })
  })

  test('nobody joins a static batch before its last member is done', () => {
    const running: number[] = []
    const engine = new Engine({ mode: 'static', maxSeqs: 2 })
    for (const outputTokens of [2, 6, 3]) engine.submit({ promptTokens: 16, outputTokens }, 0)
    drain(engine, () => running.push(engine.running))
    assert.deepEqual(running, [2, 1, 1, 1, 1, 0, 1, 1, 0])
  })

  test('a continuous one lets the third in as soon as the first has left', () => {
    const running: number[] = []
    const engine = new Engine({ maxSeqs: 2 })
    for (const outputTokens of [2, 6, 3]) engine.submit({ promptTokens: 16, outputTokens }, 0)
    drain(engine, () => running.push(engine.running))
    assert.deepEqual(running, [2, 1, 2, 2, 1, 0])
  })

  test('a sequential one runs one at a time', () => {
    const engine = new Engine({ mode: 'sequential' })
    for (let at = 0; at < 5; at++) engine.submit(prompt, 0)
    drain(engine)
    assert.equal(engine.counts.maxRunning, 1)
    assert.throws(() => new Engine({ mode: 'sequential', maxSeqs: 2 }), { code: 'invalid' })
  })
})

describe('the cache of beginnings', () => {
  const hashes = [1, 2, 3, 4]

  test('spares what is in it, but never the last token', () => {
    const engine = new Engine()
    engine.submit({ promptTokens: 64, outputTokens: 1, hashes }, 0)
    drain(engine)
    const again = engine.submit({ promptTokens: 64, outputTokens: 1, hashes }, 0)
    assert.equal(engine.begin(0)?.prefillTokens, 16)
    engine.end(1)
    assert.equal(again.cached, 48)
    assert.deepEqual([engine.counts.prefixQueries, engine.counts.prefixHits], [128, 48])
  })

  test('holds what was said too, for the next turn', () => {
    const engine = new Engine()
    engine.submit({ promptTokens: 32, outputTokens: 33, hashes }, 0)
    drain(engine)
    const next = engine.submit({ promptTokens: 80, outputTokens: 1, hashes: [...hashes, 9] }, 0)
    drain(engine)
    assert.equal(next.cached, 64)
  })

  test('is off where it is not wanted, and in engines that have none', () => {
    for (const options of [{ prefixCache: false }, { mode: 'static' }, { mode: 'sequential' }] as const) {
      const engine = new Engine(options)
      for (let at = 0; at < 2; at++) engine.submit({ promptTokens: 64, outputTokens: 1, hashes }, 0)
      drain(engine)
      assert.equal(engine.counts.prefixHits, 0)
    }
  })
})

describe('without free blocks', () => {
  test('the sequence that came last gives its own back, and says the rest later', () => {
    const engine = new Engine({ kvBlocks: 8, maxModelTokens: 128, prefixCache: false })
    const said = [0, 0]
    const sequences = said.map((_, at) =>
      engine.submit({ promptTokens: 48, outputTokens: 40, onStep: () => (said[at] = (said[at] ?? 0) + 1) }, 0),
    )
    drain(engine)
    assert.deepEqual(said, [40, 40])
    assert.deepEqual(
      sequences.map(({ preemptions }) => preemptions),
      [0, 1],
    )
    assert.equal(engine.counts.preemptions, 1)
    assert.equal(engine.cache.free, 8)
  })

  test('the least urgent does, where priorities count', () => {
    const engine = new Engine({ kvBlocks: 8, maxModelTokens: 128, prefixCache: false, scheduling: 'priority' })
    const late = engine.submit({ promptTokens: 48, outputTokens: 40, priority: 5 }, 0)
    const urgent = engine.submit({ promptTokens: 48, outputTokens: 40, priority: 1 }, 0)
    drain(engine)
    assert.deepEqual([late.preemptions, urgent.preemptions], [1, 0])
  })
})

describe('what cannot be', () => {
  test('is refused when it is submitted', () => {
    const engine = new Engine({ maxModelTokens: 100, maxWaiting: 2 })
    assert.throws(() => engine.submit({ promptTokens: 90, outputTokens: 11 }, 0), { code: 'too-large' })
    assert.throws(() => engine.submit({ promptTokens: 0, outputTokens: 11 }, 0), { code: 'invalid' })
    engine.submit(prompt, 0)
    engine.submit(prompt, 0)
    assert.throws(() => engine.submit(prompt, 0), { code: 'overloaded', retryAfterMs: 1000 })
  })

  test('settings with which an engine would stand still are refused', () => {
    assert.throws(() => new Engine({ kvBlocks: 4, maxModelTokens: 128 }), /hold less than one request/)
    assert.throws(() => new Engine({ tokenBudget: 4, maxSeqs: 8 }), /tokenBudget 4/)
    assert.throws(() => new Engine({ maxSeqs: 0 }), /maxSeqs is 0/)
    assert.throws(() => new Engine({ profile: 'nope' }), /h100-8b.*no file/)
  })
})

test('on random traces nothing leaks, everything ends once, and no limit is passed', () => {
  const event = fc.record({
    kind: fc.constantFrom('submit', 'submit', 'abort', 'step', 'step'),
    which: fc.nat(30),
    promptTokens: fc.integer({ min: 1, max: 90 }),
    outputTokens: fc.integer({ min: 0, max: 38 }),
    priority: fc.integer({ min: -1, max: 1 }),
  })
  const mode = fc.constantFrom('continuous', 'static', 'sequential')
  fc.assert(
    fc.property(mode, fc.array(event, { maxLength: 100 }), (mode, events) => {
      const options = mode === 'sequential' ? {} : { maxSeqs: 5 }
      const engine = new Engine({
        ...options,
        mode,
        kvBlocks: 14,
        maxModelTokens: 128,
        tokenBudget: 40,
        scheduling: 'priority',
      })
      const sequences: Sequence[] = []
      const ended = new Map<Sequence, number>()
      let now = 0
      let inStep = false
      const check = (): void => {
        assert.ok(engine.running <= engine.settings.maxSeqs)
        const held = new Set(sequences.flatMap(({ table }) => table))
        assert.equal(engine.cache.free, 14 - held.size)
      }
      for (const { kind, which, promptTokens, outputTokens, priority } of events) {
        if (kind === 'submit') {
          const hashes = Array.from({ length: 8 }, (_, block) => (which % 3) * 10 + block)
          const onStep = (sequence: Sequence, done: boolean): void => {
            if (done) ended.set(sequence, (ended.get(sequence) ?? 0) + 1)
          }
          sequences.push(engine.submit({ promptTokens, outputTokens, priority, hashes, onStep }, now))
        } else if (kind === 'abort') {
          const sequence = sequences[which % Math.max(1, sequences.length)]
          if (sequence) engine.abort(sequence)
        } else if (inStep) {
          engine.end(++now)
          inStep = false
        } else inStep = engine.begin(now) !== undefined
        check()
      }
      if (inStep) engine.end(++now)
      drain(engine, check)
      assert.deepEqual([engine.running, engine.waiting, engine.cache.free], [0, 0, 14])
      for (const sequence of sequences) {
        assert.equal(sequence.state, 'ended')
        const times = ended.get(sequence) ?? 0
        assert.ok(times <= 1)
        if (times === 1) assert.equal(sequence.produced, sequence.outputTokens)
      }
    }),
    { numRuns: 300, seed: 1 },
  )
})
