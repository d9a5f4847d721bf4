// What was asked and answered lately, tenant by tenant, so that the same question in other words finds its answer. Kept
// in the memory of one process and bounded there: the texts of questions leave it for nowhere.

import { LRUCache } from 'lru-cache'
import { differenceOf } from './guards.ts'
import type { Likeness, Sketch } from './likeness.ts'

/** An answer and the question it was given to. */
export interface Answered<Answer> {
  sketch: Sketch
  answer: Answer
  /** When it was given, in milliseconds since 1970. */
  at: number
}

/** An answer that could do for another question. */
export interface Candidate<Answer> extends Answered<Answer> {
  likeness: number
}

export interface AskedBeforeOptions {
  likeness: Likeness
  /** Default: what goes with the likeness. */
  threshold?: number | undefined
  /** How long an answer is given again. */
  ttlMs: number
  /** Most questions kept of a tenant. Default 256. */
  questions?: number
  /** Most tenants: whoever asked least lately is forgotten first. Default 64. */
  tenants?: number
}

/** Letters of answers and questions of a tenant, and a letter for each two bytes of vectors. */
const mostLetters = 1_000_000

/** Answers under the questions they were given to. Their texts are what is counted of them. */
export class AskedBefore<Answer extends { readonly text: string }> {
  readonly #tenants: LRUCache<string, LRUCache<string, Answered<Answer>>>
  readonly #options: Required<Omit<AskedBeforeOptions, 'threshold'>> & { threshold: number }

  constructor(options: AskedBeforeOptions) {
    const { likeness, threshold = likeness.threshold, ttlMs, questions = 256, tenants = 64 } = options
    this.#options = { likeness, threshold, ttlMs, questions, tenants }
    this.#tenants = new LRUCache({ max: tenants })
  }

  /** Keeps an answer that was given at a time; `scope` names all that must be the same besides the question. */
  keep(tenant: string, scope: string, sketch: Sketch, answer: Answer, at = Date.now()): void {
    let kept = this.#tenants.get(tenant)
    if (!kept) {
      kept = new LRUCache({
        max: this.#options.questions,
        maxSize: mostLetters,
        sizeCalculation: ({ sketch: { question, vector }, answer: { text } }) =>
          text.length + question.length + (vector?.byteLength ?? 0) / 2 + 1,
      })
      this.#tenants.set(tenant, kept)
    }
    kept.set(keyOf(scope, sketch), { sketch, answer, at })
  }

  /**
   * Answers to questions that mean the same, the most alike first. Not to this very question: what is kept of that is
   * found by what the model is shown.
   */
  candidates(tenant: string, scope: string, sketch: Sketch): Candidate<Answer>[] {
    const { likeness, threshold, ttlMs } = this.#options
    const oldest = Date.now() - ttlMs
    const found: Candidate<Answer>[] = []
    for (const [key, kept] of this.#tenants.get(tenant)?.entries() ?? []) {
      if (!key.startsWith(`${scope}\n`) || kept.sketch.question === sketch.question || kept.at < oldest) continue
      const alike = likeness.between(sketch, kept.sketch)
      if (alike >= threshold && differenceOf(sketch.reading, kept.sketch.reading) === undefined)
        found.push({ ...kept, likeness: alike })
    }
    return found.sort((one, other) => other.likeness - one.likeness)
  }

  /** Says that a candidate was used, so that it is kept longer among others. */
  used(tenant: string, scope: string, { sketch }: Candidate<Answer>): void {
    this.#tenants.get(tenant)?.get(keyOf(scope, sketch))
  }

  /** Answers that are kept. */
  get size(): number {
    return [...this.#tenants.values()].reduce((sum, kept) => sum + kept.size, 0)
  }

  /** Forgets the answers that are meant, and what was asked for them. */
  forget(isMeant: (answer: Answer) => boolean): void {
    for (const kept of this.#tenants.values()) {
      const meant = kept.entries().filter(([, { answer }]) => isMeant(answer))
      // What is taken out while it is gone through leads astray.
      for (const [key] of meant.toArray()) kept.delete(key)
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#tenants.clear()
  }
}

function keyOf(scope: string, { question }: Sketch): string {
  return `${scope}\n${question}`
}
