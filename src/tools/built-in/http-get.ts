// The tool `http_get`: reads a page of a host that somebody allowed, as text. A page may ask nothing of this machine in turn.

import { AndonError } from '../../core/errors.ts'
import { fetchLink } from '../../links/fetch.ts'
import { LinkHosts } from '../../links/hosts.ts'
import type { ToolDescription } from '../definition.ts'
import type { ToolContext } from '../tool.ts'

/** What `registerClass` gives its constructor. */
export type HttpGetOptions = {
  /** Hosts that may be read, separated by commas: `docs.example.org, *.example.com, 10.0.0.7:8080`. Default: none. */
  hosts?: string
  /** The option that lists them, for errors. Default `tools.httpHosts`. */
  option?: string
  /** Bytes of an answer. Default 2 MiB. */
  maxBytes?: number
  /** Milliseconds for everything. Default 10,000. */
  timeoutMs?: number
}

export interface HttpRead {
  /** Where it was in the end. */
  url: string
  mediaType?: string
  title?: string
  text: string
  /** Where in the text this begins, and how long the whole is. */
  start: number
  characters: number
}

/** Characters that a call gives, by default and at most. */
const usualLength = 8_000
const mostLength = 50_000
/** Readability looks at every element several times: a larger page is taken as it is. */
const mostReadable = 1_000_000

/** Registered with `registerClass({ module, export: 'HttpGet', construct: [{ hosts }] })`. */
export class HttpGet {
  static readonly tools: Readonly<Record<string, ToolDescription>> = {
    http_get: {
      title: 'Read a web page',
      description:
        'Reads a page or file of text at an http or https address, without cookies or passwords; HTML comes as plain text. ' +
        'Only hosts that the operator allows can be read; one that leads on to another host says where to. Give start to read on in a long text.',
      input: {
        type: 'object',
        properties: {
          url: { type: 'string', minLength: 1, maxLength: 4_000, description: 'Begins with https:// or http://' },
          start: { type: 'integer', minimum: 0, description: 'First character of the text to give. Default 0' },
          length: { type: 'integer', minimum: 1, maximum: mostLength, description: `Default ${usualLength}` },
        },
        required: ['url'],
        additionalProperties: false,
      },
      traits: { readOnly: true, network: true },
      limits: { timeoutMs: 15_000 },
      tags: ['built-in', 'web'],
    },
  }

  readonly #hosts: LinkHosts | undefined
  readonly #option: string
  readonly #maxBytes: number
  readonly #timeoutMs: number

  /** Throws `invalid` for a list of hosts that is none. */
  constructor(options?: HttpGetOptions | null) {
    const { hosts = '', option = 'tools.httpHosts', maxBytes = 2 * 1024 * 1024, timeoutMs = 10_000 } = options ?? {}
    this.#hosts = hosts.trim() === '' ? undefined : new LinkHosts(hosts, undefined, option)
    this.#option = option
    this.#maxBytes = maxBytes
    this.#timeoutMs = timeoutMs
  }

  async http_get(
    { url, start = 0, length = usualLength }: { url: string; start?: number; length?: number },
    { signal }: Pick<ToolContext, 'signal'>,
  ): Promise<HttpRead> {
    if (!this.#hosts)
      throw new AndonError(
        'forbidden',
        `Web pages are not read here: no host is allowed. List hosts in ${this.#option}.`,
      )
    await using fetched = await fetchLink(url, {
      hosts: this.#hosts,
      timeoutMs: this.#timeoutMs,
      maxBytes: this.#maxBytes,
      signal,
      // Whoever allowed this host said nothing about another.
      sameHost: true,
      advice: { late: 'Try again later, or read another page.', large: 'Read a smaller page.' },
    })
    const { mediaType } = fetched
    if (mediaType !== undefined && !/^text\/|[/+](?:json|xml|yaml|javascript|x-ndjson)$/.test(mediaType))
      throw new AndonError('unsupported', `${fetched.url.host} has ${mediaType} there, and only text is read here.`)
    const chunks: Uint8Array[] = []
    for await (const chunk of fetched.bytes) chunks.push(chunk)
    const body = decode(Buffer.concat(chunks), fetched.charset)
    const { title, text } = isHtml(mediaType, body) ? await readable(body) : { title: undefined, text: body }
    return {
      url: fetched.url.href,
      ...(mediaType === undefined ? {} : { mediaType }),
      ...(title === undefined ? {} : { title }),
      text: text.slice(start, start + Math.min(length, mostLength)),
      start,
      characters: text.length,
    }
  }
}

function isHtml(mediaType: string | undefined, body: string): boolean {
  return mediaType === undefined ? /^\s*<(?:!doctype html|html|head|body)/i.test(body) : /html/.test(mediaType)
}

/** In the encoding that the answer or the page names; UTF-8 otherwise. Throws for bytes that are no text. */
function decode(bytes: Buffer, charset: string | undefined): string {
  const named =
    charset ?? /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(bytes.subarray(0, 2048).toString('latin1'))?.[1]
  if (bytes.subarray(0, 4096).includes(0) && named === undefined)
    throw new AndonError('unsupported', 'What is at this address is no text.')
  try {
    return new TextDecoder(named ?? 'utf-8').decode(bytes)
  } catch {
    // An encoding that nobody knows.
    return new TextDecoder().decode(bytes)
  }
}

/** The article of a page, or all that a reader sees of it. Nothing of it is run or loaded. */
async function readable(html: string): Promise<{ title: string | undefined; text: string }> {
  // Loaded where pages are read, and not where the tool is only listed: that would hold up a whole server.
  const [{ Readability }, { parseHTML }] = await Promise.all([import('@mozilla/readability'), import('linkedom')])
  const whole = /<body[\s>]/i.test(html) ? html : `<!doctype html><html><head></head><body>${html}</body></html>`
  const page = parseHTML(whole).document
  const title = tidy(page.querySelector('title')?.textContent ?? '')
  const seen = seenIn(page.body)
  const article = whole.length <= mostReadable ? new Readability(parseHTML(whole).document).parse() : null
  const read =
    article?.content == null ? '' : seenIn(parseHTML(`<html><body>${article.content}</body></html>`).document.body)
  // Readability is made for articles: where it drops much of what is said, the page is none.
  const text = read.length * 2 >= seen.length ? read : seen
  return { title: title === '' ? undefined : title, text }
}

interface Seen {
  readonly nodeType: number
  readonly textContent: string | null
  readonly childNodes: Iterable<Seen>
  readonly nodeName: string
}

const silent = /^(?:SCRIPT|STYLE|NOSCRIPT|TEMPLATE|IFRAME|SVG|HEAD|BUTTON|SELECT|TEXTAREA|NAV)$/i
const lines =
  /^(?:P|DIV|LI|TR|H[1-6]|SECTION|ARTICLE|HEADER|FOOTER|MAIN|BR|UL|OL|TABLE|BLOCKQUOTE|PRE|DT|DD|FIGCAPTION)$/i
const cells = /^T[DH]$/i
const deepest = 200

function seenIn(root: Seen): string {
  let text = ''
  const walk = (node: Seen, depth: number): void => {
    if (node.nodeType === 3) text += (node.textContent ?? '').replace(/\s+/g, ' ')
    if (node.nodeType !== 1 || silent.test(node.nodeName)) return
    const breaks = lines.test(node.nodeName)
    if (breaks) text += '\n'
    if (depth < deepest) for (const child of node.childNodes) walk(child, depth + 1)
    if (cells.test(node.nodeName)) text += ' | '
    if (breaks) text += '\n'
  }
  walk(root, 0)
  return tidy(text)
}

function tidy(text: string): string {
  return text
    .replace(/[ \t]+/g, ' ')
    .replace(/ *\n */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
