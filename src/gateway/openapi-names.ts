// What an operation is called by generated clients, told from its method and path.

/**
 * `listDocuments`, `getDocument`, `updateDocument`, `deleteDocument`, `restoreDocument`, `getDocumentText`, `ask`,
 * `createChatCompletion`, … A route may give another with `operationId` in its schema.
 */
export function operationIdOf(method: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== 'v1')
  const last = parts.at(-1) ?? 'page'
  const before = parts.at(-2)
  const verb = verbs[method.toLowerCase()] ?? method.toLowerCase()
  if (isParameter(last)) return verb + camel(parts.slice(0, -1), singular)
  if (before !== undefined && isParameter(before)) {
    const owner = camel(parts.slice(0, -2), singular)
    return method.toLowerCase() === 'post' ? last + owner : verb + owner + capital(last)
  }
  if (verb === 'get') return (isPlural(last) && parts.length === 1 ? 'list' : 'get') + camel(parts)
  if (verb === 'create' && parts.length === 1 && !isPlural(last)) return last
  return verb + camel(parts, singular)
}

const verbs: Record<string, string> = { get: 'get', post: 'create', patch: 'update', put: 'replace', delete: 'delete' }

const noPlurals = new Set(['status', 'metrics', 'ws'])

function isParameter(part: string): boolean {
  return part.startsWith('{') || part.startsWith(':')
}

function isPlural(part: string): boolean {
  return part.endsWith('s') && !noPlurals.has(part)
}

function singular(part: string): string {
  return isPlural(part) ? part.slice(0, -1) : part
}

function camel(parts: string[], form: (part: string) => string = (part) => part): string {
  return parts
    .filter((part) => !isParameter(part))
    .map((part) => capital(form(part)))
    .join('')
}

function capital(part: string): string {
  return part.replace(/(?:^|[-_.])(\w)/g, (_, letter: string) => letter.toUpperCase())
}
