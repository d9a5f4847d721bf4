// Andon as an MCP server: what it lists, and who does the work of a call. It knows no transport.

import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type CallToolResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { version } from '../../version.ts'
import { AndonError } from '../../core/errors.ts'
import type { Scope } from '../../core/key.ts'
import { askTool } from './ask.ts'
import { addTool, listTool } from './documents.ts'
import { failedResult, protocolError } from './errors.ts'
import type { OwnTool } from './own-tool.ts'
import { readTool } from './read.ts'
import { callRegistered, registeredTools } from './registered.ts'
import { listResources, readResource, resourceTemplates } from './resources.ts'
import { searchTool } from './search.ts'
import type { Errand, McpHouse, McpVisit } from './visit.ts'

const ownTools = new Map<string, OwnTool>(
  [askTool, searchTool, readTool, listTool, addTool].map((tool) => [tool.listing.name, tool]),
)
const ownNames: ReadonlySet<string> = new Set(ownTools.keys())

const instructions =
  'Andon answers from documents. Use ask for an answer with citations, search for passages, read for the text around a place. Cite what you use.'

/** Milliseconds that a call may take at most, when its client says how long it waits. */
const longestMs = 3_600_000

/** A server for one connection or one request; `visitOf` says who makes a call. */
export function makeMcpServer(house: McpHouse, visitOf: (context: ServerContext) => McpVisit): Server {
  const server = new Server(
    { name: 'andon', title: 'Andon', version },
    { capabilities: { tools: { listChanged: true }, resources: {} }, instructions },
  )

  server.setRequestHandler('tools/list', async (_request, context) => {
    const visit = visitOf(context)
    return guarded(visit, async () => {
      const own = [...ownTools.values()].filter(({ scope }) => visit.may(scope)).map(({ listing }) => listing)
      const others = visit.may('ask') ? await registeredTools(house, visit, ownNames) : []
      return { tools: [...own, ...others] }
    })
  })

  server.setRequestHandler('tools/call', async ({ params }, context): Promise<CallToolResult> => {
    const visit = visitOf(context)
    const errand = errandOf(house, visit, context)
    const own = ownTools.get(params.name)
    mustHave(visit, own?.scope ?? 'ask')
    try {
      const result = own
        ? await own.call(params.arguments, errand)
        : await callRegistered(params.name, params.arguments, errand, ownNames)
      if (result !== undefined) return result
    } catch (reason) {
      return failedResult(reason, visit.id)
    }
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no tool ${JSON.stringify(params.name.slice(0, 200))}.`,
    )
  })

  server.setRequestHandler('resources/list', async ({ params }, context) => {
    const visit = visitOf(context)
    mustHave(visit, 'ask')
    return guarded(visit, () => listResources(house.factory, params?.cursor, errandOf(house, visit, context).caller))
  })
  server.setRequestHandler('resources/templates/list', () => resourceTemplates())
  server.setRequestHandler('resources/read', async ({ params }, context) => {
    const visit = visitOf(context)
    mustHave(visit, 'ask')
    return guarded(visit, () => readResource(house.factory, params.uri, errandOf(house, visit, context).caller))
  })
  return server
}

/** Work whose every failure is an error of the protocol. */
async function guarded<Result>(visit: McpVisit, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (reason) {
    throw protocolError(reason, visit.id)
  }
}

function mustHave(visit: McpVisit, scope: Scope): void {
  if (visit.may(scope)) return
  throw protocolError(new AndonError('forbidden', `This needs the scope ${scope}, which your key lacks.`), visit.id)
}

function errandOf(house: McpHouse, visit: McpVisit, { mcpReq }: ServerContext): Errand {
  const { _meta: meta, signal, notify } = mcpReq
  const token = meta?.progressToken
  const budget: unknown = meta?.['andon/budgetMs']
  let progress = 0
  return {
    ...house,
    visit,
    caller: { ...visit.caller, signal: endingWith(signal) },
    budgetMs: typeof budget === 'number' && budget >= 1 ? Math.min(Math.floor(budget), longestMs) : undefined,
    progress(message) {
      if (token === undefined) return
      progress += 1
      // A client that has gone hears of no progress; its call ends by its signal.
      void notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress, message },
      }).catch(() => {})
    },
  }
}

/** A signal whose reason is an error of Andon: the protocol's own is whatever the client wrote. */
function endingWith(signal: AbortSignal): AbortSignal {
  const ending = new AbortController()
  const end = (): void => ending.abort(new AndonError('cancelled', 'The client cancelled the call, or has gone.'))
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return ending.signal
}
