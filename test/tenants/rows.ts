// Every route of the door: who may use it, and how B may try to reach what is A's through it. A new route needs a row.

import type { Ids } from './house.ts'

export interface Sent {
  method: string
  path: string
  body?: unknown
  headers?: Record<string, string>
}

/** How one route is tried. */
export interface Row {
  scope: 'ask' | 'load' | 'admin' | 'any' | 'open'
  /** The request. Given an id of A's it is tried as it is with one that nobody has: the replies must be the same. */
  request(id: string): Omit<Sent, 'method' | 'path'> & { path?: string }
  /** Whose id: then B's reply is that of an unknown id. Several are tried one after the other. */
  of?: (keyof Ids)[]
  /** Why there is no id to try. B's reply must hold nothing of A's all the same. */
  why?: string
}

const by = (scope: Row['scope'], of: (keyof Ids)[], request: Row['request'] = () => ({})): Row => ({
  scope,
  of,
  request,
})
const without = (
  scope: Row['scope'],
  why: string,
  request: Omit<Sent, 'method' | 'path'> & { path?: string } = {},
): Row => ({ scope, why, request: () => request })

const question = 'When does the quicksilver mine open?'
const said = (text: string): object[] => [{ id: 'u1', role: 'user', parts: [{ type: 'text', text }] }]

/** Rows by route. In a path, `:id`, `:chat` and `*` stand for the id that is tried. */
export const rows: Record<string, Row> = {
  'POST /v1/ask': by('ask', ['document'], (id) => ({ body: { question, filter: { documents: [id] } } })),
  'POST /v1/search': by('ask', ['document', 'collection'], (id) => ({
    body: { text: question, filter: { documents: [id], collections: [id] } },
  })),
  'GET /v1/answers/:id': by('ask', ['answer', 'running']),
  'GET /v1/answers/:id/events': by('ask', ['answer', 'running'], (id) => ({ headers: { 'last-event-id': `${id}.1` } })),
  'POST /v1/answers/:id/stop': by('ask', ['answer', 'running']),
  'GET /v1/ws': without('ask', 'its messages have tests of their own'),
  'POST /v1/chat/completions': by('ask', ['collection'], (id) => ({
    body: { model: `andon/${id}`, messages: [{ role: 'user', content: question }] },
  })),
  'GET /v1/models': without('ask', 'a list'),
  'GET /v1/models/*': by('ask', ['collection'], (id) => ({ path: `/v1/models/andon/${id}` })),
  'POST /v1/responses': by('ask', ['response'], (id) => ({ body: { input: question, previous_response_id: id } })),
  'GET /v1/responses/:id': by('ask', ['response']),
  'POST /v1/responses/:id/cancel': by('ask', ['response']),
  'POST /v1/embeddings': without('ask', 'vectors of what the caller sends: no id goes in', {
    body: { model: 'andon', input: 'x' },
  }),
  'POST /v1/rerank': without('ask', 'scores of what the caller sends: no id goes in', {
    body: { query: 'x', documents: ['y'] },
  }),
  'POST /v2/rerank': without('ask', 'scores of what the caller sends: no id goes in', {
    body: { query: 'x', documents: ['y'] },
  }),
  'POST /v1/ui/messages': by('ask', ['document'], (id) => ({
    body: { id: 'chat of b', messages: said('When?'), filter: { documents: [id] } },
  })),
  'GET /v1/ui/messages/:chat/stream': by('ask', ['chat']),
  'POST /v1/ui/messages/:chat/stop': by('ask', ['chat']),
  'GET /health/live': without('open', 'of the process'),
  'GET /health/ready': without('open', 'of the process'),
  'GET /openapi.json': without('open', 'the same for everybody'),
  'GET /metrics': without('admin', 'of the process: its labels name no tenant and no id'),
  'GET /v1/status': without('ask', "the caller's own numbers"),
  'GET /v1/me': without('any', 'the caller'),
  'GET /v1/keys': without('admin', 'a list'),
  'POST /v1/keys': without('admin', 'makes a key of the caller', { body: { name: 'new' } }),
  'DELETE /v1/keys/:id': by('admin', ['key']),
  'POST /v1/documents': without('load', 'names have a test of their own', { body: { name: 'own.md', text: 'own' } }),
  'POST /v1/documents/link': without('load', 'a document from elsewhere: no id goes in', {
    body: { url: 'http://example.org/' },
  }),
  'GET /v1/documents': by('ask', ['document', 'collection', 'text'], (id) => ({
    path: `/v1/documents?collection=${id}&after=${id}`,
  })),
  'GET /v1/documents/:id': by('ask', ['document']),
  'PATCH /v1/documents/:id': by('load', ['document'], () => ({ body: { title: 'taken over' } })),
  'DELETE /v1/documents/:id': by('load', ['document']),
  'POST /v1/documents/:id/restore': by('load', ['document']),
  'GET /v1/documents/:id/text': by('ask', ['document']),
  'GET /v1/documents/:id/file': by('ask', ['document']),
  'GET /v1/collections': without('ask', 'a list'),
  'GET /v1/jobs': by('load', ['document'], (id) => ({ path: `/v1/jobs?document_id=${id}` })),
  'GET /v1/jobs/:id': by('load', ['job']),
  'POST /v1/jobs/:id/cancel': by('load', ['job']),
  'POST /v1/jobs/:id/retry': by('load', ['job']),
  'GET /v1/jobs/events': by('load', ['job'], (id) => ({ path: `/v1/jobs/events?ids=${id}` })),
  'GET /v1/sessions': by('ask', ['text'], (id) => ({ path: `/v1/sessions?search=${id}` })),
  'GET /v1/sessions/:id': by('ask', ['session']),
  'PATCH /v1/sessions/:id': by('ask', ['session'], () => ({ body: { title: 'taken over' } })),
  'GET /v1/sessions/:id/export': by('ask', ['session']),
  'DELETE /v1/sessions/:id': by('ask', ['session'], (id) => ({ path: `/v1/sessions/${id}?now=true` })),
  'POST /v1/sessions/:id/restore': by('ask', ['session']),
  'POST /mcp': by('any', ['document', 'mcp'], (id) => ({
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: { document: id } } },
    headers: {
      accept: 'application/json, text/event-stream',
      ...(/^[\da-f-]{36}$/.test(id) && { 'mcp-session-id': id }),
    },
  })),
  'GET /mcp': by('any', ['mcp'], (id) => ({ headers: { accept: 'text/event-stream', 'mcp-session-id': id } })),
  'DELETE /mcp': by('any', ['mcp'], (id) => ({ headers: { 'mcp-session-id': id } })),
  'GET /v1/tools': by('ask', ['text'], (id) => ({ path: `/v1/tools?search=${id}` })),
  'GET /v1/tools/runs': by('ask', ['toolRun'], (id) => ({ path: `/v1/tools/runs?before=${id}` })),
  'GET /v1/tools/:name': without('ask', 'names of tools are no secret between tenants'),
  'POST /v1/tools/:name/call': without('ask', 'names of tools are no secret between tenants', { body: {} }),
  'PATCH /v1/tools/:name': without('admin', 'names of tools are no secret between tenants', {
    body: { enabled: true },
  }),
  'GET /v1/approvals': without('ask', 'a list'),
  'POST /v1/approvals/:id': by('ask', ['approval'], () => ({ body: { word: 'once' } })),
}

/** The request of a row, with an id in its place. */
export function requestOf(route: string, row: Row, id: string): Sent {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/:\w+|\*/, encodeURIComponent(id))
  return { method, path, ...row.request(id) }
}
