// Who is let in: never too many, in turn, nobody forgotten; and what those hear who are not.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AndonError } from '../core/errors.ts'
import type { OptionsInput } from '../options.ts'
import { parseOptions } from '../parse-options.ts'
import { openAdmission } from './admission.ts'
import type { Lane, Permit, Principal } from './door.ts'

type Limits = NonNullable<OptionsInput['limits']>

interface Crowded {
  questionsAtOnce: number
  questionsWaiting: number
  loadsAtOnce: number
  loadsWaiting: number
  tenantAtOnce: number | undefined
  keyAtOnce: number | undefined
}

const open = (limits: Limits = {}) => openAdmission(parseOptions({ limits }).limits)
const never = new AbortController().signal

function who(tenant: string, keyId?: string): Principal {
  return { kind: 'key', name: tenant, tenant, scopes: ['ask'], ...(keyId === undefined ? {} : { keyId }) }
}

async function refused(entering: Promise<Permit>): Promise<AndonError> {
  return entering.then(
    () => assert.fail('It was let in.'),
    (reason: unknown) => AndonError.from(reason),
  )
}

/** What promises have by now is known after this. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('Admission, whatever comes and goes', () => {
  const tenants = fc.constantFrom('a', 'b', 'c')
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('arrive' as const),
        tenant: tenants,
        key: fc.nat(1),
        load: fc.boolean(),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(100) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(100) }) },
  )
  const limits = fc.record({
    questionsAtOnce: fc.integer({ min: 1, max: 4 }),
    questionsWaiting: fc.nat(6),
    loadsAtOnce: fc.integer({ min: 1, max: 3 }),
    loadsWaiting: fc.nat(4),
    tenantAtOnce: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    keyAtOnce: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  })

  it('keeps every limit, loses nobody, and serves each tenant in order and all in turn', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 80, size: 'max' }), async (given, steps) => {
        const house = new House(given)
        for (const each of steps) {
          if (each.kind === 'arrive')
            house.arrive(each.load ? 'load' : 'question', each.tenant, `${each.tenant}${each.key}`)
          else if (each.kind === 'end') house.end(each.which)
          else house.leave(each.which)
          await settled()
          house.check()
        }
        await house.closeDown()
      }),
      { numRuns: 300 },
    )
  })
})

interface Guest {
  lane: Lane
  tenant: string
  key: string
  /** When it came to wait, and when it was let in, as numbers of one sequence. */
  came: number
  waited: boolean
  state: 'waiting' | 'in' | 'gone'
  controller: AbortController
  permit?: Permit
}

/** Drives an admission and knows what must hold of it, by looking at all guests each time. */
class House {
  readonly #limits: Crowded
  readonly #admission
  readonly #guests: Guest[] = []
  /** When each tenant was last let in out of its line, by lane and tenant. */
  readonly #turn = new Map<string, number>()
  #clock = 0

  constructor(limits: Crowded) {
    this.#limits = limits
    this.#admission = open({ ...limits, waitMs: 60_000 })
  }

  arrive(lane: Lane, tenant: string, key: string): void {
    const controller = new AbortController()
    const guest: Guest = { lane, tenant, key, came: ++this.#clock, waited: false, state: 'waiting', controller }
    this.#guests.push(guest)
    void this.#admission.enter(lane, who(tenant, key), controller.signal).then(
      (permit) => {
        guest.permit = permit
        if (guest.waited) this.#letIn(guest)
        guest.state = 'in'
      },
      () => (guest.state = 'gone'),
    )
  }

  end(which: number): void {
    const inside = this.#in()
    const guest = inside[which % Math.max(1, inside.length)]
    if (!guest) return
    guest.state = 'gone'
    guest.permit?.[Symbol.dispose]()
    // Twice is once.
    guest.permit?.[Symbol.dispose]()
  }

  leave(which: number): void {
    const waiting = this.#guests.filter(({ state }) => state === 'waiting')
    waiting[which % Math.max(1, waiting.length)]?.controller.abort(new AndonError('cancelled', 'Left.'))
  }

  check(): void {
    const { questionsAtOnce, loadsAtOnce, questionsWaiting, loadsWaiting } = this.#limits
    for (const guest of this.#guests) if (guest.state === 'waiting') guest.waited = true
    for (const [lane, places, room] of [
      ['question', questionsAtOnce, questionsWaiting],
      ['load', loadsAtOnce, loadsWaiting],
    ] as const) {
      const waiting = this.#waiting(lane)
      const { running, waiting: told } = this.#admission.state()[lane]
      assert.equal(running, this.#in(lane).length, 'as many run as were let in and have not ended')
      assert.equal(told, waiting.length, 'as many wait as came and were neither let in nor refused')
      assert.ok(running <= places && told <= room)
      for (const guest of this.#in(lane)) assert.ok(this.#withinCaps(guest, 0), 'no tenant and no key has too much')
      const held =
        lane === 'load' && this.#waiting('question').length > 0 && this.#in('question').length >= questionsAtOnce
      if (running < places && !held)
        for (const guest of waiting) assert.ok(!this.#withinCaps(guest, 1), 'nobody waits beside a free place')
    }
  }

  async closeDown(): Promise<void> {
    while (this.#in().length > 0) {
      this.end(0)
      await settled()
      this.check()
    }
    assert.ok(
      this.#guests.every(({ state }) => state === 'gone'),
      'everybody had a place or heard why not',
    )
    const { question, load } = this.#admission.state()
    assert.deepEqual([question.running, question.waiting, load.running, load.waiting], [0, 0, 0, 0])
  }

  #letIn(guest: Guest): void {
    const { lane, tenant } = guest
    for (const other of this.#waiting(lane)) {
      if (other === guest) continue
      if (other.tenant === tenant) {
        if (other.key === guest.key) assert.ok(other.came > guest.came, 'who came first of a tenant comes in first')
      } else if (this.#withinCaps(other, 1)) {
        const last = this.#turn.get(`${lane} ${tenant}`) ?? 0
        const since = Math.max(other.came, this.#turn.get(`${lane} ${other.tenant}`) ?? 0)
        assert.ok(last <= since, 'nobody is served twice while another tenant waits for its turn')
      }
    }
    this.#turn.set(`${lane} ${tenant}`, ++this.#clock)
  }

  #in(lane?: Lane): Guest[] {
    return this.#guests.filter((guest) => guest.state === 'in' && (lane === undefined || guest.lane === lane))
  }

  #waiting(lane: Lane): Guest[] {
    return this.#guests.filter((guest) => guest.state === 'waiting' && guest.lane === lane)
  }

  #withinCaps({ lane, tenant, key }: Guest, more: number): boolean {
    const { tenantAtOnce = Infinity, keyAtOnce = Infinity } = this.#limits
    const inside = this.#in(lane)
    return (
      inside.filter((each) => each.tenant === tenant).length + more <= tenantAtOnce &&
      inside.filter((each) => each.key === key).length + more <= keyAtOnce
    )
  }
}

describe('A full lane', () => {
  it('refuses at once, with the lane, its places and how many are ahead', async () => {
    const admission = open({ questionsAtOnce: 2, questionsWaiting: 1 })
    await admission.enter('question', who('a'), never)
    await admission.enter('question', who('a'), never)
    void admission.enter('question', who('a'), never)
    const error = await refused(admission.enter('question', who('a'), never))
    assert.equal(error.code, 'overloaded')
    assert.match(
      error.sentence,
      /^All 2 places for questions are taken, and 1 wait already\. Try again in about \d+ s\.$/,
    )
    assert.deepEqual(error.detail, {
      crowd: { lane: 'question', bound: 'places', places: 2, running: 2, waiting: 1, ahead: 1 },
    })
    assert.throws(() => admission.check('question', who('a')), { code: 'overloaded' })
    assert.equal(admission.state().question.refused, 2)
    assert.doesNotThrow(() => admission.check('load', who('a')))
  })

  it('makes room for a tenant with a shorter line, by who came last of the longest', async () => {
    const admission = open({ questionsAtOnce: 1, questionsWaiting: 3 })
    const permit = await admission.enter('question', who('loud'), never)
    const loud = [1, 2, 3].map(() => admission.enter('question', who('loud'), never))
    admission.check('question', who('quiet'))
    const quiet = admission.enter('question', who('quiet'), never)
    assert.equal((await refused(loud[2] ?? assert.fail())).code, 'overloaded')
    permit[Symbol.dispose]()
    const first = await (loud[0] ?? assert.fail())
    first[Symbol.dispose]()
    await quiet
    assert.equal(admission.state().question.waiting, 1)
  })

  it('refuses who waited too long', async () => {
    const admission = open({ questionsAtOnce: 1, waitMs: 1 })
    await admission.enter('question', who('a'), never)
    const error = await refused(admission.enter('question', who('a'), never))
    assert.equal(error.code, 'overloaded')
    assert.match(error.sentence, /none became free in time/)
    assert.equal(admission.state().question.waiting, 0)
  })

  it('says when there will be a place, by how long places are held and who is ahead', async () => {
    const admission = open({ questionsAtOnce: 1, questionsWaiting: 1 })
    const permit = await admission.enter('question', who('a'), never)
    void admission.enter('question', who('a'), never)
    const guess = await refused(admission.enter('question', who('a'), never))
    assert.equal(guess.retryAfterMs, 2000, 'a second for each, as long as nothing was measured')
    permit[Symbol.dispose]()
    await settled()
    void admission.enter('question', who('a'), never)
    const measured = await refused(admission.enter('question', who('a'), never))
    const { meanMs } = admission.state().question
    assert.ok(Math.abs((measured.retryAfterMs ?? 0) - 2 * meanMs) <= 2 + meanMs)
    assert.ok((measured.retryAfterMs ?? Infinity) < 1000)
  })

  it('rejects with the reason of a caller who leaves, and of one who has left', async () => {
    const admission = open({ questionsAtOnce: 1 })
    await admission.enter('question', who('a'), never)
    const controller = new AbortController()
    const waiting = refused(admission.enter('question', who('a'), controller.signal))
    controller.abort(new AndonError('cancelled', 'The caller closed the connection.'))
    assert.equal((await waiting).code, 'cancelled')
    assert.equal((await refused(admission.enter('question', who('a'), controller.signal))).code, 'cancelled')
    assert.equal(admission.state().question.waiting, 0)
  })

  it('lets no load begin while a question waits for a place, and lets it when that is over', async () => {
    const admission = open({ questionsAtOnce: 1 })
    const first = await admission.enter('question', who('a'), never)
    const controller = new AbortController()
    const waiting = refused(admission.enter('question', who('a'), controller.signal))
    let loaded = false
    const load = admission.enter('load', who('b'), never).then(() => (loaded = true))
    await settled()
    assert.equal(loaded, false)
    controller.abort(new AndonError('cancelled', 'Left.'))
    await waiting
    await load
    first[Symbol.dispose]()
  })

  it('sends everybody away who waits when it closes', async () => {
    const admission = open({ questionsAtOnce: 1 })
    await admission.enter('question', who('a'), never)
    const waiting = refused(admission.enter('question', who('a'), never))
    admission.close(new AndonError('unavailable', 'Closing.'))
    assert.equal((await waiting).code, 'unavailable')
    assert.throws(() => admission.check('load', who('a')), { code: 'unavailable' })
    assert.equal((await refused(admission.enter('load', who('a'), never))).code, 'unavailable')
  })
})
