// A gateway for models on a free port, and what tests send to it.

import { openModelGateway, type ModelGateway, type ModelGatewayOptions } from '../../src/gateway/models/server.ts'
import type { ModelRouter } from '../../src/gateway/models/router.ts'

export interface TestGateway extends AsyncDisposable {
  readonly gateway: ModelGateway
  /** Posts a chat to the model `m`, or whatever `fields` say. */
  chat(fields?: object, options?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>
}

/** Opens one in front of a router. */
export async function openTestGateway(router: ModelRouter, options: ModelGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await openModelGateway(router, { port: 0, lingerMs: 0, ...options })
  return {
    gateway,
    chat: (fields = {}, { headers = {}, signal } = {}) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello?' }], ...fields }),
        ...(signal ? { signal } : {}),
      }),
    [Symbol.asyncDispose]: () => gateway.close(),
  }
}
