// How many tokens the model of an endpoint takes, where its owner does not say and its server does: asked beside the
// requests, so that none waits for it.

import { isRecord, parsed } from '../models/failure.ts'
import type { EndpointSettings, ModelEndpoint } from './endpoint.ts'
import type { SideQuestions } from './side-questions.ts'

const timeoutMs = 2_000
/** Between two questions to a server that does not answer. */
const againMs = 10_000
/** A server that answered may be started anew, with another length. */
const renewMs = 600_000

/** What was asked of one server about one model: its tokens once they are known, and when it is asked again. */
interface Asked {
  tokens?: number
  timer?: NodeJS.Timeout
}

export class Contexts implements Disposable {
  readonly #questions: SideQuestions
  readonly #told: () => void
  /** By address and model, so that an endpoint that is described anew is not asked anew. */
  readonly #asked = new Map<string, Asked>()

  /** `told` hears that a server has said it. */
  constructor(questions: SideQuestions, told: () => void) {
    this.#questions = questions
    this.#told = told
  }

  /** The endpoint with what its server said, where its owner says nothing. */
  filled(endpoint: ModelEndpoint): ModelEndpoint {
    const tokens = this.#asked.get(keyOf(endpoint))?.tokens
    return tokens === undefined || endpoint.contextTokens !== undefined
      ? endpoint
      : { ...endpoint, contextTokens: tokens }
  }

  /** These are the endpoints from now on. */
  update(endpoints: readonly EndpointSettings[]): void {
    const wanted = new Set(endpoints.map(keyOf))
    for (const [key, { timer }] of this.#asked) {
      if (wanted.has(key)) continue
      clearTimeout(timer)
      this.#asked.delete(key)
    }
    for (const endpoint of endpoints) {
      const { contextTokens, can, protocol } = endpoint
      if (contextTokens !== undefined || !can.includes('chat') || paths[protocol] === undefined) continue
      if (this.#asked.has(keyOf(endpoint))) continue
      const asked: Asked = {}
      this.#asked.set(keyOf(endpoint), asked)
      void this.#ask(endpoint, paths[protocol], asked)
    }
  }

  [Symbol.dispose](): void {
    this.update([])
  }

  async #ask(endpoint: EndpointSettings, path: string, asked: Asked): Promise<void> {
    const answer = await this.#questions.ask(endpoint, path, timeoutMs).catch(() => undefined)
    if (this.#asked.get(keyOf(endpoint)) !== asked) return
    const answered = answer !== undefined && answer.status < 500
    asked.timer = setTimeout(() => void this.#ask(endpoint, path, asked), answered ? renewMs : againMs).unref()
    const tokens = answer?.status === 200 ? contextSaid(answer.text, endpoint.model) : undefined
    if (tokens === undefined || tokens === asked.tokens) return
    asked.tokens = tokens
    this.#told()
  }
}

/** Where servers say it. Ollama's says what a model was trained for, and not what it takes. */
const paths: Partial<Record<EndpointSettings['protocol'], string>> = {
  vllm: '/v1/models',
  sglang: '/v1/models',
  'llama.cpp': '/props',
}

/** The tokens of a model in a list of them, or of llama.cpp's only one; undefined where it is not said, or not of which. */
export function contextSaid(text: string, model: string | undefined): number | undefined {
  const said = parsed(text)
  if (!isRecord(said)) return undefined
  const settings = said['default_generation_settings']
  if (isRecord(settings)) return tokensIn(settings['n_ctx'])
  const listed: unknown[] = Array.isArray(said['data']) ? said['data'] : []
  const entries = listed.filter(isRecord)
  const own =
    entries.find(({ id }) => id === model) ?? (model === undefined && entries.length === 1 ? entries[0] : undefined)
  return own && tokensIn(own['max_model_len'])
}

function tokensIn(value: unknown): number | undefined {
  return Number.isInteger(value) && Number(value) > 0 ? Number(value) : undefined
}

function keyOf({ url, model = '' }: ModelEndpoint): string {
  return `${url} ${model}`
}
