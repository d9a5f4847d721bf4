// Markdown as the page shows it: text, lists, tables, code and links, made as nodes and never as HTML, so that there
// is nothing to purify. HTML in the text stays text; an image is its description. Pieces of text know where they stand
// in the source, so that citations and sentences can be marked.

import { Lexer, Tokenizer, type Token, type Tokens } from 'marked'
import { Fragment, type ComponentChildren } from 'preact'
import './markdown.css'

/** HTML is text here, and so is a definition of a link: `[1]` is a citation. */
class PlainTokenizer extends Tokenizer {
  override html(): undefined {}
  override tag(): undefined {}
  override def(): undefined {}
}

/** A span of the source that is shown in a way of its own. Spans may lie inside of each other. */
export interface Mark {
  start: number
  end: number
  class: string
  /** What stands behind it. */
  after?: ComponentChildren
}

export interface MarkdownProps {
  /** The source. */
  text: string
  /** What stands for `[3]` and `[1, 3]`'s numbers; without it they stay as they are. */
  citation?: ((marker: number, key: string) => ComponentChildren) | undefined
  /** Spans of the source. */
  marks?: readonly Mark[] | undefined
  /** What comes behind a block of the source: a note about a sentence in it. */
  behind?: ((start: number, end: number) => ComponentChildren) | undefined
}

/** Shows Markdown. */
export function Markdown(props: MarkdownProps) {
  const walk = new Walk(props)
  let start = 0
  const blocks = new Lexer({ gfm: true, tokenizer: new PlainTokenizer() }).lex(props.text).map((token, index) => {
    const end = start + token.raw.length
    const shown = (
      <Fragment key={index}>
        {walk.block(token)}
        {props.behind?.(start, end)}
      </Fragment>
    )
    start = end
    return shown
  })
  return <div class="md">{blocks}</div>
}

class Walk {
  readonly #props: MarkdownProps
  /** Where the next piece of text is looked for in the source. */
  #at = 0
  #keys = 0

  constructor(props: MarkdownProps) {
    this.#props = props
  }

  block(token: Token): ComponentChildren {
    switch (token.type) {
      case 'space':
        return null
      case 'checkbox':
        return (token as Tokens.Checkbox).checked ? '☑ ' : '☐ '
      case 'hr':
        return <hr />
      case 'code':
        return this.#code(token.raw, (token as Tokens.Code).text, (token as Tokens.Code).lang)
      case 'heading': {
        // An answer stands under a heading of the page's own.
        const Heading = (token as Tokens.Heading).depth <= 2 ? 'h3' : 'h4'
        return <Heading>{this.#inline(token)}</Heading>
      }
      case 'blockquote':
        return <blockquote>{this.#blocks(token)}</blockquote>
      case 'list':
        return this.#list(token as Tokens.List)
      case 'table':
        return this.#table(token as Tokens.Table)
      case 'text':
        return children(token) === undefined ? this.#text(token) : this.#inline(token)
      case 'paragraph':
        return <p>{this.#inline(token)}</p>
      default:
        return <p>{this.#text(token)}</p>
    }
  }

  #blocks(token: Token): ComponentChildren {
    return (children(token) ?? []).map((each, index) => <Fragment key={index}>{this.block(each)}</Fragment>)
  }

  #list(list: Tokens.List): ComponentChildren {
    const items = list.items.map((item, index) => <li key={index}>{this.#blocks(item)}</li>)
    return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>
  }

  #table(table: Tokens.Table): ComponentChildren {
    const cell = (each: Tokens.TableCell, index: number): ComponentChildren => {
      const Cell = each.header ? 'th' : 'td'
      return (
        <Cell key={index} class={each.align === 'right' ? 'n' : undefined}>
          {this.#tokens(each.tokens)}
        </Cell>
      )
    }
    // Left to right, top to bottom: the text is found in the source in this order.
    const head = table.header.map(cell)
    const rows = table.rows.map((row, index) => <tr key={index}>{row.map(cell)}</tr>)
    return (
      <div class="md-table" tabindex={0}>
        <table>
          <thead>
            <tr>{head}</tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      </div>
    )
  }

  #code(raw: string, text: string, language: string | undefined): ComponentChildren {
    this.#find(raw)
    this.#at += raw.length
    return (
      <pre tabindex={0} data-language={language === '' ? undefined : language}>
        <code>{text}</code>
      </pre>
    )
  }

  #inline(token: Token): ComponentChildren {
    return this.#tokens(children(token) ?? [])
  }

  #tokens(tokens: Token[]): ComponentChildren {
    return tokens.map((token) => <Fragment key={this.#keys++}>{this.#one(token)}</Fragment>)
  }

  #one(token: Token): ComponentChildren {
    switch (token.type) {
      case 'strong':
        return <strong>{this.#inline(token)}</strong>
      case 'em':
        return <em>{this.#inline(token)}</em>
      case 'del':
        return <del>{this.#inline(token)}</del>
      case 'br':
        return <br />
      case 'codespan': {
        const start = this.#find(token.raw)
        this.#at = start + token.raw.length
        return this.#marked(start, this.#at, <code>{(token as Tokens.Codespan).text}</code>)
      }
      case 'link': {
        const link = token as Tokens.Link
        const href = safe(link.href)
        const start = this.#find(link.raw)
        const shown = this.#inline(link)
        this.#at = start + link.raw.length
        return href === undefined ? (
          shown
        ) : (
          <a href={href} target="_blank" rel="noopener noreferrer">
            {shown}
          </a>
        )
      }
      case 'image':
        return this.#text({ ...token, text: (token as Tokens.Image).text })
      default:
        return children(token) === undefined ? this.#text(token) : this.#inline(token)
    }
  }

  /** A piece of text, cut where a mark begins or ends and where a citation stands. */
  #text(token: Token): ComponentChildren {
    const text = 'text' in token && typeof token['text'] === 'string' ? token['text'] : token.raw
    // What is not written as it reads, like an escaped character, cannot be cut by offsets of the source.
    if (text !== token.raw) {
      const start = this.#find(token.raw)
      this.#at = start + token.raw.length
      return this.#marked(start, this.#at, text)
    }
    // The later lines of a list's item are indented in the source and not here: each is found for itself.
    const lines = this.#props.text.includes(text, this.#at) ? [text] : text.split(/(?<=\n)/)
    return lines.map((line, index) => <Fragment key={index}>{this.#line(line)}</Fragment>)
  }

  #line(text: string): ComponentChildren {
    const start = this.#find(text)
    this.#at = start + text.length
    const edges = (this.#props.marks ?? []).flatMap((mark) => [mark.start - start, mark.end - start])
    const inside = edges.filter((edge) => edge > 0 && edge < text.length)
    const cuts = [...new Set([0, ...inside, text.length])].sort((a, b) => a - b)
    return cuts.slice(1).map((end, index) => {
      const from = cuts[index] ?? 0
      const piece = this.#cited(text.slice(from, end))
      return <Fragment key={from}>{this.#marked(start + from, start + end, piece)}</Fragment>
    })
  }

  #marked(start: number, end: number, shown: ComponentChildren): ComponentChildren {
    const marks = this.#props.marks?.filter((each) => each.start <= start && end <= each.end) ?? []
    if (marks.length === 0) return shown
    return (
      <>
        <span class={marks.map((mark) => mark.class).join(' ')}>{shown}</span>
        {marks.map((mark) => mark.end === end && mark.after)}
      </>
    )
  }

  #cited(text: string): ComponentChildren {
    const { citation } = this.#props
    if (citation === undefined) return decoded(text)
    return text.split(/(\s?\[\d{1,3}(?:\s*[,，、]\s*\d{1,3})*\])/).map((piece, index) => {
      if (index % 2 === 0) return decoded(piece)
      const numbers = piece.match(/\d+/g) ?? []
      return numbers.map((number, place) => (
        <Fragment key={place}>{citation(Number(number), `${this.#at}.${index}.${place}`)}</Fragment>
      ))
    })
  }

  /** Where a piece of the source begins; where it is looked for when it is not there. */
  #find(raw: string): number {
    const start = this.#props.text.indexOf(raw.trimEnd(), this.#at)
    return start < 0 ? this.#at : start
  }
}

function children(token: Token): Token[] | undefined {
  return 'tokens' in token ? token.tokens : undefined
}

/** An address that may be followed; undefined for any other. */
function safe(href: string): string | undefined {
  try {
    const { protocol } = new URL(href)
    return /^(https?|mailto):$/.test(protocol) ? href : undefined
  } catch {
    return undefined
  }
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' }

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}
