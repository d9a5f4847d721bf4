// An engine's metrics under vLLM's names, labels and buckets (docs/usage/metrics, V1 engine), each of whose help texts
// says that it is simulated.

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Engine } from './engine.ts'
import type { Sequence } from './sequence.ts'
import type { Step } from './step.ts'

const firstTokenBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
]
const tokenBuckets = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80]
const requestBuckets = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680]
const countBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000]
const stepBuckets = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]

type Labels = Record<string, string | number>

/** Why a request ended, in vLLM's words. */
export type FinishedReason = 'stop' | 'length' | 'abort' | 'error'

export class EngineMetrics {
  readonly #registry = new Registry()
  readonly #generation = this.#counter('generation_tokens_total', 'Tokens made.')
  readonly #prompt = this.#counter('prompt_tokens_total', 'Tokens of prompts, computed or found in the cache.')
  readonly #cached = this.#counter('prompt_tokens_cached_total', 'Tokens of prompts that were found in the cache.')
  readonly #firstToken = this.#histogram('time_to_first_token_seconds', 'Time to first token.', firstTokenBuckets)
  readonly #gap = this.#histogram('inter_token_latency_seconds', 'Time between tokens.', tokenBuckets)
  readonly #perToken = this.#histogram(
    'request_time_per_output_token_seconds',
    'Mean time per token after the first, by request.',
    tokenBuckets,
  )
  readonly #endToEnd = this.#histogram('e2e_request_latency_seconds', 'Time from arrival to end.', requestBuckets)
  readonly #queue = this.#histogram('request_queue_time_seconds', 'Time in the waiting line.', requestBuckets)
  readonly #inference = this.#histogram('request_inference_time_seconds', 'Time while running.', requestBuckets)
  readonly #prefill = this.#histogram('request_prefill_time_seconds', 'Time of the prompt.', requestBuckets)
  readonly #decode = this.#histogram('request_decode_time_seconds', 'Time from the first token on.', requestBuckets)
  readonly #promptSize = this.#histogram('request_prompt_tokens', 'Tokens of prompts, by request.', countBuckets)
  readonly #outputSize = this.#histogram('request_generation_tokens', 'Tokens made, by request.', countBuckets)
  readonly #iteration = this.#histogram('iteration_tokens_total', 'Tokens computed, by step.', stepBuckets)
  readonly #success: Counter<'finished_reason'>

  constructor(engine: Engine, labels: { model: string; index: number }, asleep: () => boolean) {
    this.#registry.setDefaultLabels({ model_name: labels.model, engine: String(labels.index) })
    const { counts, cache, settings } = engine
    this.#gauge('num_requests_running', 'Requests in the batch.', () => engine.running)
    this.#gauge('num_requests_waiting', 'Requests in the waiting line.', () => engine.waiting)
    this.#gauge('kv_cache_usage_perc', 'Share of KV cache blocks in use; 1 is all.', () => cache.usage)
    const { blockSize, kvBlocks, prefixCache } = settings
    this.#labelled('cache_config_info', 'Settings of the KV cache.', (set) =>
      set({ block_size: blockSize, num_gpu_blocks: kvBlocks, enable_prefix_caching: String(prefixCache) }, 1),
    )
    this.#labelled('engine_sleep_state', 'Whether the engine is awake.', (set) => {
      set({ sleep_state: 'awake' }, asleep() ? 0 : 1)
      set({ sleep_state: 'weights_offloaded' }, asleep() ? 1 : 0)
    })
    this.#counted('num_preemptions_total', 'Requests whose blocks were taken.', () => counts.preemptions)
    this.#counted('prefix_cache_queries_total', 'Tokens looked up in the prefix cache.', () => counts.prefixQueries)
    this.#counted('prefix_cache_hits_total', 'Tokens found in the prefix cache.', () => counts.prefixHits)
    this.#success = new Counter({
      name: 'vllm:request_success_total',
      help: 'Simulated. Requests that ended, by reason.',
      registers: [this.#registry],
      labelNames: ['finished_reason'],
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** A step began. */
  stepped(step: Step): void {
    this.#iteration.observe(step.decodes + step.prefillTokens)
  }

  /** A token of a sequence came; `before` is when the one before it came, in milliseconds. */
  token(sequence: Sequence, before: number | undefined): void {
    const { lastAt = 0, arrivedAt } = sequence
    this.#generation.inc()
    if (before === undefined) this.#firstToken.observe((lastAt - arrivedAt) / 1000)
    else this.#gap.observe((lastAt - before) / 1000)
  }

  /** A request ended. */
  ended(sequence: Sequence, reason: FinishedReason): void {
    this.#success.inc({ finished_reason: reason })
    const { arrivedAt, admittedAt, firstAt, promptTokens, produced, cached } = sequence
    if (admittedAt === undefined) return
    const endedAt = sequence.lastAt ?? performance.now()
    this.#prompt.inc(promptTokens)
    this.#cached.inc(cached)
    this.#queue.observe((admittedAt - arrivedAt) / 1000)
    this.#promptSize.observe(promptTokens)
    if (reason === 'abort') return
    this.#outputSize.observe(produced)
    this.#endToEnd.observe((endedAt - arrivedAt) / 1000)
    this.#inference.observe((endedAt - admittedAt) / 1000)
    this.#prefill.observe(((firstAt ?? endedAt) - admittedAt) / 1000)
    this.#decode.observe((endedAt - (firstAt ?? endedAt)) / 1000)
    if (produced > 1) this.#perToken.observe((endedAt - (firstAt ?? endedAt)) / (produced - 1) / 1000)
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `vllm:${name}`, help: `Simulated. ${help}`, registers: [this.#registry] })
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name: `vllm:${name}`, help: `Simulated. ${help}`, buckets, registers: [this.#registry] })
  }

  #gauge(name: string, help: string, read: () => number): void {
    this.#labelled(name, help, (set) => set({}, read()))
  }

  /** A gauge that is read when it is asked for. */
  #labelled(name: string, help: string, read: (set: (labels: Labels, value: number) => void) => void): void {
    const gauge: Gauge = new Gauge({
      name: `vllm:${name}`,
      help: `Simulated. ${help}`,
      labelNames: ['block_size', 'num_gpu_blocks', 'enable_prefix_caching', 'sleep_state'],
      registers: [this.#registry],
      collect: (): void => read((labels, value) => gauge.set(labels, value)),
    })
  }

  /** A counter whose number is kept elsewhere. */
  #counted(name: string, help: string, read: () => number): void {
    const counter: Counter = new Counter({
      name: `vllm:${name}`,
      help: `Simulated. ${help}`,
      registers: [this.#registry],
      collect: (): void => {
        counter.reset()
        counter.inc(read())
      },
    })
  }
}
