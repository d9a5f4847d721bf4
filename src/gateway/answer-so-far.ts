// Gathers what the other protocols need of an answer while its events pass: the text, what its marks stand for, the end.

import { AndonError, isCode } from '../core/errors.ts'
import type { AnswerFailed } from '../core/answer-record.ts'
import type { AnswerEnd, AnswerEvent, AskedCall, Citation, Usage } from '../core/question.ts'

/** A `[marker]` in the text, and the citation it stands for. */
export interface Mark {
  marker: number
  /** Where it stands in the text. */
  start: number
  end: number
  citation: Citation
}

export class AnswerSoFar {
  readonly #citations = new Map<number, Citation>()
  #text = ''
  #usage: Usage | undefined
  #end: AnswerEnd | undefined

  /** Takes the next event. Throws what a failed answer failed with. */
  see(event: AnswerEvent | AnswerFailed): void {
    switch (event.type) {
      case 'text-delta':
        this.#text += event.text
        break
      case 'citation':
        this.#citations.set(event.marker, event.citation)
        break
      case 'usage':
        this.#usage = event.usage
        break
      case 'answer-end':
        this.#end = event
        break
      case 'answer-failed':
        throw failureOf(event)
      default:
    }
  }

  get text(): string {
    return this.#text
  }

  /** The last event. Throws when it has not come. */
  get end(): AnswerEnd {
    if (this.#end === undefined) throw new AndonError('internal', 'The answer ended without its last event.')
    return this.#end
  }

  /** Zero while nobody counted: an extractive answer costs no tokens. */
  get usage(): Usage {
    return this.#end?.usage ?? this.#usage ?? { promptTokens: 0, completionTokens: 0, estimated: false }
  }

  /** Calls of the caller's own tools, with which it ended. */
  get toolCalls(): readonly AskedCall[] {
    return this.end.toolCalls ?? []
  }

  /** The marks in the text whose citation is known, in their order. */
  marks(): Mark[] {
    return [...this.#text.matchAll(/\[(\d{1,3})\]/g)].flatMap((match) => {
      const marker = Number(match[1])
      const citation = this.#citations.get(marker) ?? this.#end?.citations[marker - 1]
      return citation === undefined
        ? []
        : [{ marker, start: match.index, end: match.index + match[0].length, citation }]
    })
  }

  /** How the answer came to be, for clients that know Andon. */
  extension(): AnswerExtension {
    const { id, mode, cached, confidence, score, unsupported, degraded, toolRuns, figures, sessionId } = this.end
    return {
      id,
      mode,
      ...(cached === undefined ? {} : { cached }),
      confidence,
      score,
      unsupported,
      degraded,
      ...(toolRuns === undefined ? {} : { toolRuns }),
      ...(figures === undefined ? {} : { figures }),
      ...(sessionId === undefined ? {} : { sessionId }),
    }
  }
}

/** What other protocols have no field for. */
export type AnswerExtension = Pick<
  AnswerEnd,
  'id' | 'mode' | 'cached' | 'confidence' | 'score' | 'unsupported' | 'degraded' | 'toolRuns' | 'figures' | 'sessionId'
>

function failureOf({ error: { code, message, retryAfterMs } }: AnswerFailed): AndonError {
  return AndonError.fromWire({
    code: isCode(code) ? code : 'internal',
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
