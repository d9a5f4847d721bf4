// What a document from a link is called: its host and path, so that the same link is the same document again, and two
// pages called index.html are two.

/** The name of what was found at an address. `disposition` is the Content-Disposition that its server sent. */
export function nameOf(url: URL, disposition?: string): string {
  const given = disposition === undefined ? undefined : fileNameIn(disposition)
  if (given !== undefined) return `${url.hostname}/${given}`
  const path = decodedOr(`${url.pathname}${url.search}`)
  return path === '/' ? url.hostname : `${url.hostname}${path.replace(/\/$/, '')}`
}

function fileNameIn(disposition: string): string | undefined {
  const extended = /filename\*\s*=\s*utf-8'[^']*'([^;]+)/i.exec(disposition)?.[1]
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition)
  const name = extended === undefined ? (plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2]) : decodedOr(extended.trim())
  // Only the last part: a server does not say in which folder its file lies here.
  const last = name?.split(/[/\\]/).at(-1)?.trim()
  return last === undefined || /^\.*$/.test(last) ? undefined : last
}

function decodedOr(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
