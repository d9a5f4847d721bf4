// What a question is limited to holds for the tools that it uses: a model may narrow a filter, and never widen it.

import type { DocumentInfo } from '../../core/document.ts'
import type { Filter } from '../../core/question.ts'

/** The filter of both; undefined when nothing can be in it. */
export function narrowed(
  filter: Filter,
  { collection, document }: { collection?: string | undefined; document?: string | undefined },
): Filter | undefined {
  const { collections, documents, excludeDocuments } = filter
  if (collection !== undefined && collections && !collections.includes(collection)) return undefined
  if (document !== undefined && documents && !documents.includes(document)) return undefined
  if (document !== undefined && excludeDocuments?.includes(document)) return undefined
  return {
    ...filter,
    ...(collection === undefined ? {} : { collections: [collection] }),
    ...(document === undefined ? {} : { documents: [document] }),
  }
}

/** Whether a document is in it. */
export function admits(filter: Filter, { id, collection, metadata }: DocumentInfo): boolean {
  const { collections, documents, excludeDocuments, metadata: wanted = {} } = filter
  return (
    (!collections || collections.includes(collection)) &&
    (!documents || documents.includes(id)) &&
    !excludeDocuments?.includes(id) &&
    Object.entries(wanted).every(([key, value]) => {
      const has = metadata[key]
      return Array.isArray(value) ? value.some((each) => each === has) : value === has
    })
  )
}
