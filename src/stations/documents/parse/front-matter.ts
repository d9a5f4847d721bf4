// The block of facts that may stand in front of Markdown: YAML between `---`, TOML between `+++`.

/** Splits a document into its facts and its text. Only simple `key: value` lines are read; the rest is left out. */
export function splitFrontMatter(markdown: string): { facts: Record<string, string>; body: string } {
  const match = /^\uFEFF?(---|\+\+\+)[ \t]*\r?\n([\s\S]*?)\r?\n\1[ \t]*(?:\r?\n|$)/.exec(markdown)
  const lines = match?.[2]?.split(/\r?\n/) ?? []
  const separator = match?.[1] === '+++' ? '=' : ':'
  // A rule of dashes may also open a text: then what follows are no facts.
  if (match === null || !lines.some((line) => new RegExp(`^[\\w-]+\\s*${separator}`).test(line)))
    return { facts: {}, body: markdown }
  const facts: Record<string, string> = {}
  let list: string | undefined
  for (const line of lines) {
    const pair = new RegExp(`^([\\w-]+)\\s*${separator}\\s*(.*)$`).exec(line)
    const item = /^\s*-\s+(.*)$/.exec(line)
    if (pair !== null) {
      const key = (pair[1] ?? '').toLowerCase()
      const value = plainValue(pair[2] ?? '')
      list = value === '' ? key : undefined
      if (value !== '' && !/^[|>][-+]?$/.test(value)) facts[key] = value
      else list = key
    } else if (list !== undefined && item !== null) facts[list] = join(facts[list], ', ', plainValue(item[1] ?? ''))
    else if (list !== undefined && /^\s+\S/.test(line) && !line.includes(': '))
      facts[list] = join(facts[list], ' ', line.trim())
  }
  return { facts, body: markdown.slice(match[0].length) }
}

function join(before: string | undefined, by: string, text: string): string {
  return before === undefined ? text : `${before}${by}${text}`
}

/** A value without its quotes; `[a, b]` as `a, b`. */
function plainValue(value: string): string {
  const text = value.trim()
  const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(text)
  if (quoted !== null) return (quoted[2] ?? '').replace(/\\(["'\\])/g, '$1').replaceAll("''", "'")
  const list = /^\[(.*)\]$/.exec(text)
  if (list !== null)
    return (list[1] ?? '')
      .split(',')
      .map(plainValue)
      .filter((item) => item !== '')
      .join(', ')
  return text.replace(/\s+#.*$/, '')
}
