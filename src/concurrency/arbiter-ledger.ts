// Who holds how many permits of which name, and whose turn is next: the arithmetic of the arbiter, without its sockets.

/** One process, as the ledger sees it. */
export interface Member {
  /** Tells it of permits that are now its own. */
  grant(name: string, count: number, held: number): void
  /** Tells it that another lets this rest for so many milliseconds from now. */
  rest(name: string, ms: number): void
}

interface Holding {
  limit: number
  held: number
  wanted: number
}

interface Entry {
  readonly members: Map<Member, Holding>
  /** Those that want some, in the order of their turns. */
  readonly turns: Set<Member>
  held: number
  /** Nothing is granted before, monotonic milliseconds. */
  restsUntil: number
  /** Nobody has said since its rest that it serves again: one at a time tries. */
  careful: boolean
  trying: Member | undefined
}

const unrested = { restsUntil: 0, careful: false, trying: undefined }

/** Grants one at a time, in turns, so that a process that wants much does not starve one that wants little. */
export class Ledger {
  readonly #entries = new Map<string, Entry>()
  #frozen: boolean

  /** A frozen ledger takes notes and grants nothing until `thaw`. */
  constructor(frozen: boolean) {
    this.#frozen = frozen
  }

  thaw(): void {
    this.#frozen = false
    for (const name of this.#entries.keys()) this.#grant(name)
  }

  /** What a member holds from before counts at once, even above the limit. */
  open(member: Member, name: string, limit: number, held: number): void {
    const entry = this.#entries.get(name) ?? { members: new Map(), turns: new Set(), held: 0, ...unrested }
    this.#entries.set(name, entry)
    const before = entry.members.get(member)
    // A limit that changes says nothing new about what is held.
    if (before) before.limit = limit
    else {
      entry.members.set(member, { limit, held, wanted: 0 })
      entry.held += held
      // Also when the rest is over: whoever is careful says when it serves again.
      const restMs = Math.ceil(entry.restsUntil - performance.now())
      if (entry.careful || restMs > 0) member.rest(name, Math.max(1, restMs))
    }
    this.#grant(name)
  }

  want(member: Member, name: string, count: number): void {
    const entry = this.#entries.get(name)
    const holding = entry?.members.get(member)
    if (!entry || !holding) return
    holding.wanted = count
    if (count > 0) entry.turns.add(member)
    else entry.turns.delete(member)
    this.#grant(name)
  }

  give(member: Member, name: string, count: number): void {
    const entry = this.#entries.get(name)
    const holding = entry?.members.get(member)
    if (!entry || !holding) return
    const given = Math.min(count, holding.held)
    holding.held -= given
    entry.held -= given
    if (entry.trying === member) entry.trying = undefined
    this.#grant(name)
  }

  /** All others hear it, and nothing is granted meanwhile. 0 is told to nobody, and forgets what was said before. */
  rest(member: Member, name: string, ms: number): void {
    const entry = this.#entries.get(name)
    if (!entry?.members.has(member)) return
    if (ms === 0) {
      Object.assign(entry, unrested)
      return this.#grant(name)
    }
    entry.restsUntil = Math.max(entry.restsUntil, performance.now() + ms)
    entry.careful = true
    // One more: timers may be early by one.
    setTimeout(() => this.#grant(name), ms + 1).unref()
    for (const other of entry.members.keys()) if (other !== member) other.rest(name, ms)
  }

  /** It serves again: as many as the limit allows may go there. Another rest that was said meanwhile holds. */
  woke(name: string): void {
    const entry = this.#entries.get(name)
    if (!entry?.careful) return
    entry.careful = false
    entry.trying = undefined
    this.#grant(name)
  }

  close(member: Member, name: string): void {
    const entry = this.#entries.get(name)
    const holding = entry?.members.get(member)
    if (!entry || !holding) return
    entry.members.delete(member)
    entry.turns.delete(member)
    entry.held -= holding.held
    if (entry.trying === member) entry.trying = undefined
    if (entry.members.size === 0) this.#entries.delete(name)
    else this.#grant(name)
  }

  /** A member that is gone holds nothing. */
  leave(member: Member): void {
    for (const name of this.#entries.keys()) this.close(member, name)
  }

  #grant(name: string): void {
    const entry = this.#entries.get(name)
    if (!entry || this.#frozen || performance.now() < entry.restsUntil) return
    let limit = Infinity
    for (const holding of entry.members.values()) limit = Math.min(limit, holding.limit)
    const granted = new Map<Member, number>()
    while (entry.held < limit && entry.trying === undefined) {
      const [member] = entry.turns
      const holding = member && entry.members.get(member)
      if (!member || !holding) break
      entry.turns.delete(member)
      holding.wanted--
      holding.held++
      entry.held++
      if (holding.wanted > 0) entry.turns.add(member)
      if (entry.careful) entry.trying = member
      granted.set(member, (granted.get(member) ?? 0) + 1)
    }
    for (const [member, count] of granted) member.grant(name, count, entry.held)
  }
}
