// XML of Office files as a small tree. Documents with a DTD are refused before anything looks at them: Office writes
// none, and entities are how XML grows without bound or reaches for other files.

import { XMLParser } from 'fast-xml-parser'
import { AndonError } from '../../../core/errors.ts'
import type { Zip } from './zip.ts'

/** An element. Names keep their prefix, because Office's are fixed by habit (`a:t`, `w:p`). */
export interface XmlElement {
  name: string
  attributes: Readonly<Record<string, string>>
  children: XmlElement[]
  /** Its own text, joined. */
  text: string
}

/** Elements deeper than this are no document's. */
const maxDepth = 256

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  htmlEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
})

/** The elements of a piece of XML. */
export function parseXml(xml: string, name: string): XmlElement[] {
  refuseDtd(xml, name)
  try {
    return elements(parser.parse(xml) as unknown[], 0)
  } catch (error) {
    throw new AndonError('invalid', `${name} holds XML that cannot be read. Open it and save it again.`, {
      cause: error,
    })
  }
}

/** Throws `invalid` for XML with a document type. */
function refuseDtd(xml: string, name: string): void {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml))
    throw new AndonError(
      'invalid',
      `${name} holds XML with entity declarations, which no Office program writes. It is refused.`,
    )
}

/** The text of an XML part of an archive, by its byte order mark; undefined when there is no such part. */
export async function xmlText(zip: Zip, part: string, name: string): Promise<string | undefined> {
  const bytes = await zip.read(part)
  if (bytes === undefined) return undefined
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  // XML without a mark may still be UTF-16: its second byte, or its first, is zero then.
  const bare = bytes[1] === 0 ? 'utf-16le' : bytes[0] === 0 ? 'utf-16be' : 'utf-8'
  const text = new TextDecoder(wide ?? bare).decode(bytes)
  refuseDtd(text, name)
  return text
}

/** {@link xmlText}, parsed. */
export async function xmlPart(zip: Zip, part: string, name: string): Promise<XmlElement[] | undefined> {
  const text = await xmlText(zip, part, name)
  return text === undefined ? undefined : parseXml(text, name)
}

/** All elements of one name below, in order. */
export function* descendants(from: readonly XmlElement[], name: string): Iterable<XmlElement> {
  for (const element of from) {
    if (element.name === name) yield element
    else yield* descendants(element.children, name)
  }
}

/** The first element of one name below, or undefined. */
export function first(from: readonly XmlElement[], name: string): XmlElement | undefined {
  for (const element of descendants(from, name)) return element
  return undefined
}

/** Targets of a part's relations by their id. Only parts of the same archive: nothing outside is ever opened. */
export async function relations(
  zip: Zip,
  part: string,
  name: string,
): Promise<Map<string, { type: string; target: string }>> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1)
  const tree = await xmlPart(zip, `${folder}_rels/${part.slice(folder.length)}.rels`, name)
  const found = new Map<string, { type: string; target: string }>()
  for (const { attributes } of descendants(tree ?? [], 'Relationship')) {
    const { Id: id, Target: target, Type: type, TargetMode: mode } = attributes
    if (id === undefined || target === undefined || mode === 'External') continue
    found.set(id, { type: type ?? '', target: resolve(folder, target) })
  }
  return found
}

function resolve(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1)
  const steps: string[] = []
  for (const step of `${folder}${target}`.split('/'))
    if (step === '..') steps.pop()
    else if (step !== '.' && step !== '') steps.push(step)
  return steps.join('/')
}

function elements(nodes: readonly unknown[], depth: number): XmlElement[] {
  if (depth > maxDepth) throw new RangeError('XML is nested too deeply')
  const found: XmlElement[] = []
  for (const node of nodes) {
    if (typeof node !== 'object' || node === null) continue
    const { ':@': attributes, ...rest } = node as Record<string, unknown>
    for (const [name, content] of Object.entries(rest)) {
      if (name === '#text' || !Array.isArray(content)) continue
      found.push({
        name,
        attributes: (attributes ?? {}) as Record<string, string>,
        children: elements(content, depth + 1),
        text: content.map(ownText).join(''),
      })
    }
  }
  return found
}

function ownText(node: unknown): string {
  const text = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)['#text'] : undefined
  return typeof text === 'string' || typeof text === 'number' ? String(text) : ''
}
