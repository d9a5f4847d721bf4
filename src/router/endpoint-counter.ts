// What counts the tokens of an endpoint: what its owner says, or what its protocol has.

import { AndonError } from '../core/errors.ts'
import { Counting, openTokenCounter } from '../tokens/counting.ts'
import { O200kCounter } from '../tokens/o200k.ts'
import type { ServerCounterOptions } from '../tokens/server-tokens.ts'
import type { EndpointSettings, Protocol } from './endpoint.ts'

/** Whose servers count when they are asked. */
const counting: Partial<Record<Protocol, ServerCounterOptions['server']>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  'llama.cpp': 'llama.cpp',
}

/**
 * Opens it; undefined when there is none, and of a model in this process, which has no server, unless its tokenizer is
 * said. Never rejects: `failed` hears of a file that is no tokenizer, and an estimate counts.
 */
export function openEndpointCounter(
  { url, protocol, apiKey, model, tokenizer }: EndpointSettings,
  isEngine: boolean,
  failed: (error: AndonError) => void,
): Promise<Counting> | undefined {
  const usual = isEngine ? undefined : protocol === 'openai' ? 'o200k' : counting[protocol] && 'server'
  const by = tokenizer === 'server' && isEngine ? undefined : (tokenizer ?? usual)
  if (by === undefined) return undefined
  if (by === 'o200k') return Promise.resolve(new Counting(new O200kCounter()))
  if (by === 'server')
    return openTokenCounter({
      server: {
        // Others that count, do it as vLLM does.
        server: counting[protocol] ?? 'vllm',
        baseUrl: url,
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(model === undefined ? {} : { model }),
      },
    })
  return openTokenCounter({ tokenizerFile: by }).catch((reason: unknown) => {
    failed(AndonError.from(reason))
    return new Counting()
  })
}
