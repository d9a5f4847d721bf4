// The words of an answer as OpenAI's API says them: frames of a stream, and whole answers.

import type { Spoken, SpokenPiece } from '../content/spoken.ts'

/** In every whole answer and the last frame of every stream: bodies pass through gateways, headers may not. */
const label = { system_fingerprint: 'andon-simulated-engine' } as const
const labelText = `,${JSON.stringify(label).slice(1, -1)}`

/** What all frames of an answer share. */
export interface AnswerHead {
  readonly kind: 'chat' | 'completion'
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  readonly model: string
}

export interface AnswerUsage {
  readonly prompt: number
  readonly completion: number
  readonly cached: number
}

export function usageObject({ prompt, completion, cached }: AnswerUsage): object {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  }
}

/** Writes the frames of one stream. What does not change is written as JSON once. */
export class Frames {
  readonly #kind: AnswerHead['kind']
  readonly #start: string

  constructor({ kind, id, created, model }: AnswerHead) {
    this.#kind = kind
    const object = kind === 'chat' ? 'chat.completion.chunk' : 'text_completion'
    this.#start = `data: ${JSON.stringify({ id, object, created, model }).slice(0, -1)}`
  }

  /** The first frame of a chat says who speaks. */
  first(): string {
    return this.#kind === 'chat' ? this.#frame('{"role":"assistant","content":""}', 'null') : ''
  }

  /** One token. */
  piece(piece: SpokenPiece, id: string, usage?: AnswerUsage): string {
    const text = JSON.stringify(piece.text)
    if (piece.kind === 'call') return this.#frame(callDelta(piece, id), 'null', usage)
    return this.#frame(
      piece.kind === 'reasoning' ? `{"reasoning":${text}}` : `{"content":${text}}`,
      'null',
      usage,
      text,
    )
  }

  /** Why it ended. */
  last(finish: string): string {
    return this.#frame('{}', `"${finish}"`, undefined, '""', labelText)
  }

  usage(usage: AnswerUsage): string {
    return `${this.#start},"choices":[],"usage":${JSON.stringify(usageObject(usage))}}\n\n`
  }

  #frame(delta: string, finish: string, usage?: AnswerUsage, text = '""', more = ''): string {
    const said = this.#kind === 'chat' ? `"delta":${delta}` : `"text":${text}`
    const counted = usage ? `,"usage":${JSON.stringify(usageObject(usage))}` : ''
    return `${this.#start},"choices":[{"index":0,${said},"logprobs":null,"finish_reason":${finish}}]${counted}${more}}\n\n`
  }
}

function callDelta({ text, call }: SpokenPiece, id: string): string {
  const { index = 0, name } = call ?? {}
  const begun = name === undefined ? {} : { id: `call_${id}_${index}`, type: 'function' }
  const spoken = { ...(name === undefined ? {} : { name }), arguments: text }
  return JSON.stringify({ tool_calls: [{ index, ...begun, function: spoken }] })
}

/** A whole answer. */
export function wholeAnswer(head: AnswerHead, spoken: Spoken, usage: AnswerUsage | undefined): object {
  const { kind, id, created, model } = head
  const content = joined(spoken, 'text')
  const choice =
    kind === 'completion'
      ? { index: 0, text: content, logprobs: null, finish_reason: spoken.finish }
      : { index: 0, message: message(spoken, id, content), logprobs: null, finish_reason: spoken.finish }
  const object = kind === 'chat' ? 'chat.completion' : 'text_completion'
  const counted = usage ? { usage: usageObject(usage) } : {}
  return { id, object, created, model, ...label, choices: [choice], ...counted }
}

function message(spoken: Spoken, id: string, content: string): object {
  const reasoning = joined(spoken, 'reasoning')
  const names = spoken.pieces.flatMap(({ call }) => (call?.name === undefined ? [] : [call.name]))
  const calls = names.map((name, index) => ({
    id: `call_${id}_${index}`,
    type: 'function',
    function: { name, arguments: spoken.pieces.map(({ text, call }) => (call?.index === index ? text : '')).join('') },
  }))
  return {
    role: 'assistant',
    content: calls.length > 0 && content === '' ? null : content,
    ...(reasoning === '' ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

function joined({ pieces }: Spoken, kind: SpokenPiece['kind']): string {
  return pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('')
}
