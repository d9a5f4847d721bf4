// What documentation tools add to Markdown (Hugo shortcodes, Liquid tags, containers, heading ids) and readers never
// see. Their inner text stays; so do the words they would show, such as the title of a panel.

/** Attributes of a shortcode that are shown to the reader. */
const shown = /\b(?:header|title|summary|caption|label)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`)/g

/** Drops the marks of documentation tools outside code. Lengths are bounded, so that no text takes long. */
export function dropShortcodes(markdown: string): string {
  if (!/\{\{|\{%|:::|\{[:#]|<!--|^import /m.test(markdown)) return markdown
  return outsideCode(markdown, (text) =>
    text
      .replace(/<!--[\s\S]*?(?:-->|$(?![\s\S]))/g, '')
      // A link whose target is a shortcode stays a link.
      .replace(/\]\([ \t]{0,4}\{\{[%<][^\n]{0,400}?[%>]\}\}[^)\n]{0,200}\)/g, '](#)')
      .replace(/\{\{[%<]\/?\*?([^\n]{0,1000}?)\*?\/?[%>]\}\}/g, (_, inner: string) => words(inner))
      .replace(/\{%-?([^\n]{0,1000}?)-?%\}/g, (_, inner: string) => words(inner))
      .replace(/^[ \t]*:{3,}[ \t]*(?:\{[^}\n]*\}|[\w-]*)[ \t]*(.*)$/gm, '$1')
      .replace(/^[ \t]*\{:[^}\n]*\}[ \t]*$/gm, '')
      .replace(/[ \t]{0,4}\{[#:][^{}\n]{0,200}\}[ \t]{0,4}$/gm, '')
      .replace(/^(?:import|export)\s[^\n]{0,200}\bfrom\s+['"][^'"\n]+['"];?[ \t]*$/gm, ''),
  )
}

function words(inner: string): string {
  const texts: string[] = []
  for (const match of inner.matchAll(shown))
    texts.push((match[1] ?? match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1'))
  return texts.length === 0 ? '' : `${texts.join(' ')}\n`
}

/** Applies `change` to what is neither in a fence nor in a code span. */
export function outsideCode(markdown: string, change: (text: string) => string): string {
  const pieces: string[] = []
  let outside: string[] = []
  let fence: string | undefined
  const flush = (): void => {
    if (outside.length > 0) pieces.push(outsideSpans(outside.join('\n'), change))
    outside = []
  }
  for (const line of markdown.split('\n')) {
    // A fence may stand in a list item or a quotation.
    const mark = /^[ \t]{0,12}(?:(?:[-*+>]|\d{1,9}[.)])[ \t]{1,4}){0,6}(`{3,}|~{3,})(.*)/.exec(line)
    const [, fenceMark = '', rest = ''] = mark ?? []
    if (fence === undefined && fenceMark !== '' && !(fenceMark.startsWith('`') && rest.includes('`'))) {
      flush()
      fence = fenceMark
      pieces.push(line)
    } else if (fence !== undefined) {
      pieces.push(line)
      if (fenceMark.startsWith(fence) && rest.trim() === '') fence = undefined
    } else outside.push(line)
  }
  flush()
  return pieces.join('\n')
}

/** Code spans of one line; a span over several lines is rare. */
function outsideSpans(text: string, change: (text: string) => string): string {
  let result = ''
  let from = 0
  for (const match of text.matchAll(/(?<!`)(`{1,4})(?!`)[^\n]{0,1000}?[^`\n]\1(?!`)/g)) {
    result += change(text.slice(from, match.index)) + match[0]
    from = match.index + match[0].length
  }
  return result + change(text.slice(from))
}
