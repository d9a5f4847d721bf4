// What documentation tools add to Markdown (Hugo shortcodes, Liquid tags, containers, heading ids) and readers never
// see. Their inner text stays; so do the words they would show, such as the title of a panel.

/** Attributes of a shortcode that are shown to the reader. */
const shown = /\b(?:header|title|summary|caption|label)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`)/g

/** Drops the marks of documentation tools outside code. */
export function dropShortcodes(markdown: string): string {
  if (!/\{\{|\{%|:::|\{[:#]|<!--|^import /m.test(markdown)) return markdown
  return outsideCode(markdown, (text) =>
    text
      .replace(/<!--[\s\S]*?(?:-->|$(?![\s\S]))/g, '')
      // A link whose target is a shortcode stays a link.
      .replace(/\]\(\s*\{\{[%<][^\n]*?[%>]\}\}[^)\n]*\)/g, '](#)')
      .replace(/\{\{([%<])\/?\*?([^\n]*?)\*?\/?\1?[%>]\}\}/g, (_, __, inner: string) => words(inner))
      .replace(/\{%-?\s*([^\n]*?)-?%\}/g, (_, inner: string) => words(inner))
      .replace(/^[ \t]*:{3,}[ \t]*(?:\{[^}\n]*\}|[\w-]*)[ \t]*(.*)$/gm, '$1')
      .replace(/^[ \t]*\{:[^}\n]*\}[ \t]*$/gm, '')
      .replace(/[ \t]*\{[#:][^}\n]*\}[ \t]*$/gm, '')
      .replace(/^(?:import|export)\s[^\n]*\bfrom\s+['"][^'"\n]+['"];?[ \t]*$/gm, ''),
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
  const code =
    /^( {0,3}(?:[-*+>]\s+|\d+[.)]\s+)*\s*)(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[\s>]*\2[`~]*[ \t]*$|$(?![\s\S]))|(`+)(?!`)[^\n]*?[^`\n]\3(?!`)/gm
  let result = ''
  let from = 0
  for (const match of markdown.matchAll(code)) {
    result += change(markdown.slice(from, match.index)) + match[0]
    from = match.index + match[0].length
  }
  return result + change(markdown.slice(from))
}
