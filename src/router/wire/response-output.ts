// What a response says, item by item, as the typed events of its stream: numbered, and in the order that OpenAI's
// clients rely on (https://platform.openai.com/docs/api-reference/responses-streaming).

import type { AskedCall } from '../../core/question.ts'

/** An event of a streamed response; what else it carries depends on its type. */
export interface ResponseEvent {
  readonly type: string
  readonly sequence_number: number
}

export interface OutputText<Annotation = never> {
  type: 'output_text'
  text: string
  annotations: Annotation[]
  logprobs: never[]
}

export interface OutputMessage<Annotation = never> {
  id: string
  type: 'message'
  role: 'assistant'
  status: 'in_progress' | 'completed' | 'incomplete'
  content: OutputText<Annotation>[]
}

export interface OutputReasoning {
  id: string
  type: 'reasoning'
  status: 'in_progress' | 'completed' | 'incomplete'
  summary: never[]
  content: ReasoningText[]
}

interface ReasoningText {
  type: 'reasoning_text'
  text: string
}

export interface OutputCall {
  id: string
  type: 'function_call'
  status: 'in_progress' | 'completed'
  call_id: string
  name: string
  arguments: string
}

export type OutputItem<Annotation = never> = OutputMessage<Annotation> | OutputReasoning | OutputCall

export class ResponseOutput<Annotation = never> {
  /** Those that have ended. */
  readonly items: OutputItem<Annotation>[] = []
  /** What all of its ids end with. */
  readonly #id: string
  #numbers = 0
  #open: 'message' | 'reasoning' | undefined
  #text = ''
  #annotations: Annotation[] = []

  constructor(id: string) {
    this.#id = id
  }

  /** An event of the response itself. */
  event(type: string, more: object): ResponseEvent {
    return { type, sequence_number: this.#numbers++, ...more }
  }

  /** Begins a message, unless one is under way: also one that will say nothing. */
  *message(): Generator<ResponseEvent> {
    if (this.#open === 'message') return
    yield* this.end()
    yield* this.#begin('message', outputText(''))
  }

  *text(delta: string): Generator<ResponseEvent> {
    yield* this.message()
    this.#text += delta
    yield this.event('response.output_text.delta', { ...this.#part, delta, logprobs: [] })
  }

  /** What the message leans on. */
  *annotation(annotation: Annotation): Generator<ResponseEvent> {
    yield* this.message()
    const annotation_index = this.#annotations.push(annotation) - 1
    yield this.event('response.output_text.annotation.added', { ...this.#part, annotation_index, annotation })
  }

  *reasoning(delta: string): Generator<ResponseEvent> {
    if (this.#open !== 'reasoning') {
      yield* this.end()
      yield* this.#begin('reasoning', reasoningText(''))
    }
    this.#text += delta
    yield this.event('response.reasoning_text.delta', { ...this.#part, delta })
  }

  /** A call of a function, which is there whole. */
  *call(asked: AskedCall): Generator<ResponseEvent> {
    yield* this.end()
    const item = outputCall(asked)
    const output_index = this.items.push(item) - 1
    const { id: item_id, name, arguments: given } = item
    const added = { ...item, status: 'in_progress', arguments: '' }
    yield this.event('response.output_item.added', { output_index, item: added })
    yield this.event('response.function_call_arguments.delta', { item_id, output_index, delta: given })
    yield this.event('response.function_call_arguments.done', { item_id, output_index, name, arguments: given })
    yield this.event('response.output_item.done', { output_index, item })
  }

  /** Ends what is under way; `incomplete` when a limit cut it. */
  *end(status: 'completed' | 'incomplete' = 'completed'): Generator<ResponseEvent> {
    const item = this.#item(status)
    if (item === undefined) return
    const [part] = item.content
    const text = this.#text
    if (item.type === 'message') yield this.event('response.output_text.done', { ...this.#part, text, logprobs: [] })
    else yield this.event('response.reasoning_text.done', { ...this.#part, text })
    yield this.event('response.content_part.done', { ...this.#part, part })
    yield this.event('response.output_item.done', { output_index: this.items.length, item })
    this.items.push(item)
    this.#open = undefined
    this.#text = ''
    this.#annotations = []
  }

  /** All that was said when it broke off. */
  get left(): OutputItem<Annotation>[] {
    const item = this.#item('incomplete')
    return item === undefined ? this.items : [...this.items, item]
  }

  /** With an empty part: what follows grows it. */
  *#begin(type: 'message' | 'reasoning', part: OutputText | ReasoningText): Generator<ResponseEvent> {
    this.#open = type
    const item = { ...this.#item('in_progress'), content: [] }
    yield this.event('response.output_item.added', { output_index: this.items.length, item })
    yield this.event('response.content_part.added', { ...this.#part, part })
  }

  /** What is under way. */
  #item(status: 'in_progress' | 'completed' | 'incomplete'): OutputMessage<Annotation> | OutputReasoning | undefined {
    const id = this.#itemId
    const text = this.#text
    if (this.#open === 'message') return outputMessage(id, status, [outputText(text, this.#annotations)])
    if (this.#open === 'reasoning')
      return { id, type: 'reasoning', status, summary: [], content: [reasoningText(text)] }
    return undefined
  }

  get #itemId(): string {
    const before = this.items.filter(({ type }) => type === this.#open).length
    return `${this.#open === 'message' ? 'msg' : 'rs'}_${this.#id}${before === 0 ? '' : `_${before + 1}`}`
  }

  get #part(): { item_id: string; output_index: number; content_index: 0 } {
    return { item_id: this.#itemId, output_index: this.items.length, content_index: 0 }
  }
}

export function outputText<Annotation = never>(text: string, annotations: Annotation[] = []): OutputText<Annotation> {
  return { type: 'output_text', text, annotations, logprobs: [] }
}

function reasoningText(text: string): ReasoningText {
  return { type: 'reasoning_text', text }
}

export function outputMessage<Annotation>(
  id: string,
  status: OutputMessage['status'],
  content: OutputText<Annotation>[],
): OutputMessage<Annotation> {
  return { id, type: 'message', role: 'assistant', status, content }
}

/** A call of a function, when its arguments are whole. */
export function outputCall({ id, name, arguments: given }: AskedCall): OutputCall {
  return { id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: given }
}
