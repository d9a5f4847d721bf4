// An OpenAPI document, as far as it is looked into here.

export interface Response {
  description: string
  content?: Record<string, unknown>
}

export interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  parameters?: { name: string; in: string }[]
  requestBody?: unknown
  responses: Record<string, Response | { $ref: string }>
  security?: unknown[]
}

export interface ApiDocument {
  openapi: string
  tags?: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

/** The document without the components that nothing refers to: a named reply is not always a request too. */
export function withoutUnused(document: ApiDocument): ApiDocument {
  const { schemas = {}, responses = {}, ...others } = document.components
  const all = new Map([...pointers('schemas', schemas), ...pointers('responses', responses)])
  const used = new Set<string>()
  const waiting: unknown[] = [document.paths]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    for (const [key, value] of Object.entries(next)) {
      if (key === '$ref' && typeof value === 'string') {
        if (!used.has(value)) waiting.push(all.get(value) ?? null)
        used.add(value)
      } else if (typeof value === 'object' && value !== null) waiting.push(value)
    }
  }
  const kept = (kind: string, components: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(components).filter(([name]) => used.has(`#/components/${kind}/${name}`)))
  return {
    ...document,
    components: { ...others, schemas: kept('schemas', schemas), responses: kept('responses', responses) },
  }
}

function pointers(kind: string, components: Record<string, unknown>): [string, unknown][] {
  return Object.entries(components).map(([name, value]) => [`#/components/${kind}/${name}`, value])
}
