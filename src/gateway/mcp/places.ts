// Where something stands in a document, in words, and as an address that MCP clients can read.

/** What a resource of a document begins with; its id follows. */
export const documentAddress = 'andon://documents/'

/** The address of a document, or of a span of it. */
export function addressOf(documentId: string, span?: { start: number; end: number }): string {
  const query = span === undefined ? '' : `?start=${span.start}&end=${span.end}`
  return `${documentAddress}${encodeURIComponent(documentId)}${query}`
}

/** Document, page and headings: `a.pdf, page 3 › Costs › Rent`. */
export function placeOf({
  documentName,
  page,
  headings,
}: {
  documentName: string
  page?: number
  headings: string[]
}): string {
  return [`${documentName}${page === undefined ? '' : `, page ${page}`}`, ...headings].join(' › ')
}
