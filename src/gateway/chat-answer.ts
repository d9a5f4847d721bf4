// From the events of an answer to OpenAI's chat completion, whole or in chunks. Citations become annotations of the
// text; what OpenAI has no field for (mode, confidence, degradations) stands under `andon`.

import type { AnswerEnd, AnswerEvent, Citation } from '../core/question.ts'

/** A place in the answer's text and the document that supports it, in OpenAI's shape. */
export interface Annotation {
  type: 'url_citation'
  url_citation: { start_index: number; end_index: number; title: string; url: string }
  andon: Citation & { marker: number }
}

/** What is the same in every chunk of one answer. */
export interface ChatHead {
  id: string
  created: number
  model: string
}

/** Gathers what the end of a chat answer needs while its events pass. */
export class ChatAnswer {
  readonly #citations = new Map<number, Citation>()
  #text = ''
  #end: AnswerEnd | undefined

  see(event: AnswerEvent): void {
    if (event.type === 'text-delta') this.#text += event.text
    else if (event.type === 'citation') this.#citations.set(event.marker, event.citation)
    else if (event.type === 'answer-end') this.#end = event
  }

  /** The last event, once it has been seen. */
  get end(): AnswerEnd | undefined {
    return this.#end
  }

  /** Every `[marker]` in a text with the citation it stands for. */
  annotations(text = this.#text): Annotation[] {
    return [...text.matchAll(/\[(\d{1,3})\]/g)].flatMap((match) => {
      const marker = Number(match[1])
      const citation = this.#citations.get(marker) ?? this.#end?.citations[marker - 1]
      if (citation === undefined) return []
      const place = { start_index: match.index, end_index: match.index + match[0].length }
      const url = `andon:document/${encodeURIComponent(citation.documentId)}?start=${citation.start}&end=${citation.end}`
      return [
        {
          type: 'url_citation' as const,
          url_citation: { ...place, title: citation.title || citation.documentName, url },
          andon: { marker, ...citation },
        },
      ]
    })
  }

  /** OpenAI's usage. An extractive answer costs no tokens. */
  usage(): { prompt_tokens: number; completion_tokens: number; total_tokens: number } {
    const { promptTokens = 0, completionTokens = 0 } = this.#end?.usage ?? {}
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    }
  }

  /** How the answer came to be, for clients that know Andon. */
  extension(): Pick<AnswerEnd, 'mode' | 'confidence' | 'score' | 'unsupported' | 'degraded'> | undefined {
    if (this.#end === undefined) return undefined
    const { mode, confidence, score, unsupported, degraded } = this.#end
    return { mode, confidence, score, unsupported, degraded }
  }

  /** The whole completion. */
  completion(head: ChatHead): object {
    const text = this.#end?.text ?? this.#text
    return {
      ...head,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text, refusal: null, annotations: this.annotations(text) },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: this.usage(),
      andon: this.extension(),
    }
  }
}

/** One chunk of a streamed completion. */
export function chatChunk(
  head: ChatHead,
  delta: object,
  more: { finish_reason?: 'stop'; andon?: object } = {},
): object {
  const { finish_reason = null, ...rest } = more
  return {
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...rest,
  }
}
