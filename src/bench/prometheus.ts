// Reads Prometheus' text format, and what inference servers say there under whichever names they have today.

import { serverGauges } from '../models/server-gauges.ts'

/** A sample of the text format. */
export interface Sample {
  name: string
  labels: string
  value: number
}

/** Lines of the text exposition format 0.0.4; what does not parse is left out. */
export function samplesOf(text: string): Sample[] {
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line)
    if (!match) continue
    const [, name = '', labels = '', number = ''] = match
    const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number)
    if (!Number.isNaN(value)) samples.push({ name, labels, value })
  }
  return samples
}

/** What is looked for, and by which names: of vLLM, its older versions, SGLang and llama.cpp's server. */
const aliases = {
  ...serverGauges,
  promptTokens: ['vllm:prompt_tokens_total', 'sglang:prompt_tokens_total', 'llamacpp:prompt_tokens_total'],
  generationTokens: [
    'vllm:generation_tokens_total',
    'sglang:generation_tokens_total',
    'llamacpp:tokens_predicted_total',
  ],
  /** In tokens. */
  prefixQueries: ['vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'],
  prefixHits: ['vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'],
  preemptions: ['vllm:num_preemptions_total'],
  ttftSum: ['vllm:time_to_first_token_seconds_sum', 'sglang:time_to_first_token_seconds_sum'],
  ttftCount: ['vllm:time_to_first_token_seconds_count', 'sglang:time_to_first_token_seconds_count'],
  queueSum: ['vllm:request_queue_time_seconds_sum', 'sglang:queue_time_seconds_sum'],
  queueCount: ['vllm:request_queue_time_seconds_count', 'sglang:queue_time_seconds_count'],
} as const

/** Names for what a server says of itself, whoever made it. */
export type ServerMetric = keyof typeof aliases

/** What one look at a server's metrics found; engines behind one door are added up, shares averaged. */
export type ServerLook = { [Metric in ServerMetric]?: number }

/** Reads what is known out of a metrics page. */
export function readServerMetrics(text: string): ServerLook {
  const samples = Map.groupBy(samplesOf(text), ({ name }) => name)
  const look: ServerLook = {}
  for (const [metric, names] of Object.entries(aliases) as [ServerMetric, readonly string[]][]) {
    const found = names.map((name) => samples.get(name)).find((each) => each !== undefined)
    if (!found) continue
    const sum = found.reduce((total, { value }) => total + value, 0)
    look[metric] = metric === 'kvUsage' ? sum / found.length : sum
  }
  return look
}
