// Tells in which encoding a text was written, and decodes it without losing a character when that is possible.

import { detect } from 'jschardet'

/** A decoded text. */
export interface Decoded {
  /** Without a byte order mark. */
  text: string
  /** The name of the encoding as the WHATWG Encoding standard spells it: `utf-8`, `gb18030`, `big5`, `utf-16le`, … */
  encoding: string
  /** How many characters could not be read and stand as U+FFFD. 0 when nothing was lost. */
  replaced: number
}

/** How many bytes are looked at to tell an encoding. */
const sampleBytes = 64 * 1024

/** Below this share of everyday characters, bytes that happen to be valid GB18030 or Big5 are not Chinese. */
const chineseShare = 0.6

/**
 * Decodes bytes: a byte order mark decides; else strict UTF-8; else UTF-16 when its zero bytes or its characters show;
 * else the encoding `declared` by the file when nothing is lost with it; else what jschardet and the statistics of
 * Chinese encodings say of the first 64 kB; else windows-1252. Never throws: what cannot be read is U+FFFD and counted.
 */
export function decodeText(bytes: Uint8Array, declared?: string): Decoded {
  const marked = byteOrderMark(bytes)
  if (marked !== undefined) return decodeAs(bytes, marked)
  const utf8 = strict(bytes, 'utf-8')
  // Text with NUL in every other byte is valid UTF-8 too: ask for UTF-16 first.
  const wide = wideEncoding(bytes, utf8 !== undefined)
  if (wide !== undefined) return decodeAs(bytes, wide)
  if (utf8 !== undefined) return { text: utf8, encoding: 'utf-8', replaced: 0 }
  const said = declared === undefined ? undefined : supported(declared)
  if (said !== undefined && said !== 'utf-8' && !said.startsWith('utf-16')) {
    const text = strict(bytes, said)
    if (text !== undefined) return { text, encoding: said, replaced: 0 }
  }
  return decodeAs(bytes, guess(bytes))
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0x84 && bytes[1] === 0x31 && bytes[2] === 0x95 && bytes[3] === 0x33) return 'gb18030'
  return undefined
}

/**
 * UTF-16 without a mark. Latin text has a zero in every other byte. Chinese text has few zeros, but as UTF-16 it
 * decodes to everyday Han characters, which other text does not.
 */
function wideEncoding(bytes: Uint8Array, isUtf8: boolean): string | undefined {
  const length = Math.min(bytes.length, sampleBytes) & ~1
  if (length < 4 || bytes.length % 2 !== 0) return undefined
  let even = 0
  let odd = 0
  for (let at = 0; at < length; at += 2) {
    if (bytes[at] === 0) even++
    if (bytes[at + 1] === 0) odd++
  }
  const half = length / 2
  if (odd > half * 0.3 && even < odd / 20) return 'utf-16le'
  if (even > half * 0.3 && odd < even / 20) return 'utf-16be'
  // Text as UTF-8 has no zeros; without any there is nothing that speaks for UTF-16 over it.
  if (isUtf8 && even + odd === 0) return undefined
  const sample = bytes.subarray(0, length)
  for (const encoding of ['utf-16le', 'utf-16be']) {
    const text = strict(sample, encoding)
    if (text !== undefined && everydayHan(text) > 0.7 && (even + odd > 0 || gb(bytes) < chineseShare)) return encoding
  }
  return undefined
}

/** The share of characters that are common Han, kana, their punctuation or ASCII. */
function everydayHan(text: string): number {
  const common = text.match(/[\u3000-\u30FF\u4E00-\u9FA5\uFF00-\uFF5E\u0020-\u007E\n\r\t]/g)?.length ?? 0
  const controls = text.match(/[\u0000-\u0008\u000E-\u001F]/g)?.length ?? 0 // oxlint-disable-line no-control-regex -- counted on purpose
  const han = text.match(/[\u4E00-\u9FA5]/g)?.length ?? 0
  // Any even number of bytes may decode to Han: only the frequent particles tell that it is language.
  const particles =
    text.match(/[的一是不了在人有我他这個这中大来來上国國个到说說们們为為和你地出道也时時年得就那要下以生会會]/g)
      ?.length ?? 0
  return controls > 0 || particles < han * 0.05 || han === 0 ? 0 : common / text.length
}

function guess(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, sampleBytes)
  const detected = detect(Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength), {
    minimumThreshold: 0,
  })
  const name = supported(detected.encoding)
  const chinese = gb(sample)
  const taiwanese = big5(sample)
  const other = name !== undefined && !['utf-8', 'gbk', 'gb18030', 'big5', 'windows-1252', 'iso-8859-1'].includes(name)
  // Korean, Japanese and Cyrillic text can be valid GB18030 as well; a detector that loses nothing is believed when it
  // is sure, and of Korean and Japanese sooner: it knows their frequent characters from the Chinese ones.
  const eastern = name === 'euc-kr' || name === 'euc-jp' || name === 'shift_jis' || name === 'iso-2022-jp'
  if (other && detected.confidence >= (eastern ? 0.15 : 0.9) && strict(bytes, name) !== undefined) return name
  const order = taiwanese > chinese ? (['big5', 'gb18030'] as const) : (['gb18030', 'big5'] as const)
  for (const encoding of order)
    if ((encoding === 'big5' ? taiwanese : chinese) >= chineseShare && strict(bytes, encoding) !== undefined)
      return encoding
  // Western text has accents among its letters; text that is mostly above ASCII is Cyrillic, Greek or the like.
  const sure = aboveAscii(sample) > 0.5 ? 0 : 0.5
  if (other && detected.confidence >= sure && strict(bytes, name) !== undefined) return name
  // Nothing is lossless any more: take what loses a little of a text that is clearly of that kind.
  const brokenUtf8 = utf8Share(sample)
  if (brokenUtf8 > 0.6) return 'utf-8'
  if (Math.max(chinese, taiwanese) >= 0.9) return order[0]
  if (other && detected.confidence >= 0.8) return name
  return brokenUtf8 > 0.3 ? 'utf-8' : 'windows-1252'
}

/** Of the bytes above ASCII, the share that stands in characters of everyday use in GB18030. */
function gb(bytes: Uint8Array): number {
  return doubleByteShare(bytes, (lead, trail, at) => {
    // A four-byte character has the shape of nothing else.
    if (trail >= 0x30 && trail <= 0x39) return (bytes[at + 2] ?? 0) >= 0x81 && isDigit(bytes[at + 3]) ? 4 : 0
    const everyday = trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3))
    return everyday ? 2 : trail >= 0x40 && trail !== 0x7f ? -2 : 0
  })
}

function big5(bytes: Uint8Array): number {
  return doubleByteShare(bytes, (lead, trail) => {
    const valid = (trail >= 0x40 && trail <= 0x7e) || (trail >= 0xa1 && trail <= 0xfe)
    return valid ? (lead >= 0xa1 && lead <= 0xc6 ? 2 : -2) : 0
  })
}

/** `measure` gives the length of an everyday character, the negative length of a rare one, 0 for none. */
function doubleByteShare(bytes: Uint8Array, measure: (lead: number, trail: number, at: number) => number): number {
  let good = 0
  let all = 0
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) {
      at++
      continue
    }
    const length = lead === 0x80 || lead === 0xff ? 0 : measure(lead, bytes[at + 1] ?? 0, at)
    const taken = Math.max(1, Math.abs(length))
    all += taken
    if (length > 0) good += taken
    at += taken
  }
  return all === 0 ? 0 : good / all
}

/** Of the bytes above ASCII, the share that stands in whole UTF-8 characters. */
function utf8Share(bytes: Uint8Array): number {
  let good = 0
  let all = 0
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1
    let whole = lead >= 0xc2 && lead < 0xf5
    for (let next = 1; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) whole = false
    const taken = whole ? length : 1
    if (lead >= 0x80) {
      all += taken
      if (whole) good += taken
    }
    at += taken
  }
  return all === 0 ? 1 : good / all
}

/** Of letters and the bytes above ASCII, the share of the latter. */
function aboveAscii(bytes: Uint8Array): number {
  let high = 0
  let letters = 0
  for (const byte of bytes)
    if (byte >= 0x80) high++
    else if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)) letters++
  return high / Math.max(1, high + letters)
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** Names that jschardet uses and the Encoding standard does not. */
const otherNames: Record<string, string> = { gb2312: 'gb18030', cp949: 'euc-kr', cp932: 'shift_jis' }

function supported(name: string | null): string | undefined {
  if (name === null || name === '') return undefined
  try {
    return new TextDecoder(otherNames[name.toLowerCase()] ?? name).encoding
  } catch {
    return undefined
  }
}

function strict(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function decodeAs(bytes: Uint8Array, encoding: string): Decoded {
  const exact = strict(bytes, encoding)
  if (exact !== undefined) return { text: exact, encoding, replaced: 0 }
  const text = new TextDecoder(encoding).decode(bytes)
  let replaced = 0
  for (let at = text.indexOf('\uFFFD'); at !== -1; at = text.indexOf('\uFFFD', at + 1)) replaced++
  return { text, encoding, replaced }
}
