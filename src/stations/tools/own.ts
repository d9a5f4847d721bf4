// The station whose tools are functions of the factory itself: it stays in its process, with the registry it needs.

import type { Station } from '../../core/station.ts'
import type { ToolsInput, ToolsOutput } from './contract.ts'
import { documentTools, type LibraryOfTools, type LimitOf } from './documents.ts'
import { ToolsStation } from './station.ts'

/** `search_documents` and `read_document`, over a library that is there when the first call comes. */
export function ownTools(
  library: () => LibraryOfTools,
  limitOf: LimitOf,
  approvalMs: number,
): Station<ToolsInput, ToolsOutput> & AsyncDisposable {
  return new ToolsStation(
    { mode: 'inline', approvalMs },
    {
      fill: async (registry) => {
        for (const definition of documentTools(library, limitOf)) registry.register(definition)
      },
      originOf: () => 'built-in',
    },
  )
}
