// The sequences of a context, each with what it remembers of the last conversation. A conversation gets the free one
// that remembers the longest beginning of it, of its own tenant only: how fast an answer begins would tell others.

import { AndonError } from '../../core/errors.ts'
import type { Call } from '../../core/station.ts'
import { Permits } from '../permits.ts'
import type { Chat, ChatWrapper, Context, LlamaPackage, Sequence } from './peer.ts'

/** A sequence in somebody's hands; disposing gives it back. */
export interface Seat extends Disposable {
  readonly sequence: Sequence
  readonly chat: Chat
  /** What it holds cannot be trusted: nothing of it is used again. */
  forget(): void
}

interface Place {
  readonly sequence: Sequence
  readonly chat: Chat
  /** Whose conversation it remembers. */
  tenant: string | undefined
  taken: boolean
}

export class Seats {
  readonly #permits: Permits
  readonly #places: readonly Place[]

  constructor(peer: LlamaPackage, context: Context, chatWrapper: ChatWrapper, count: number) {
    this.#permits = new Permits(count)
    this.#places = Array.from({ length: count }, () => {
      const sequence = context.getSequence()
      return {
        sequence,
        chat: new peer.LlamaChat({ contextSequence: sequence, chatWrapper }),
        tenant: undefined,
        taken: false,
      }
    })
  }

  /** Waits for a free one. Throws the call's reason when it is over before. */
  async take(tokens: number[], call: Call): Promise<Seat> {
    const permit = await this.#permits.take(call)
    const place = this.#best(tokens, call.tenant)
    place.taken = true
    const seat = {
      sequence: place.sequence,
      chat: place.chat,
      forget: () => void (place.tenant = undefined),
      [Symbol.dispose]: () => {
        place.taken = false
        permit[Symbol.dispose]()
      },
    }
    if (place.tenant === call.tenant) return seat
    try {
      await place.sequence.clearHistory()
      place.tenant = call.tenant
      return seat
    } catch (reason) {
      seat[Symbol.dispose]()
      throw reason
    }
  }

  /** The longest common beginning; among those without one, the one of which the least is lost. */
  #best(tokens: number[], tenant: string): Place {
    const rated = this.#places
      .filter((place) => !place.taken)
      .map((place) => {
        const own = place.tenant === tenant
        const common = own ? place.sequence.compareContextTokens(tokens).firstDifferentIndex : 0
        return { place, common, lost: place.sequence.nextTokenIndex - common }
      })
    const [best] = rated.sort((a, b) => b.common - a.common || a.lost - b.lost)
    if (best === undefined) throw new AndonError('internal', 'A permit was given for which there is no sequence.')
    return best.place
  }
}
