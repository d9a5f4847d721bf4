// How values are written into paths, queries, headers and cookies, by the styles of OpenAPI.

import { AndonError } from '../../core/errors.ts'
import type { BodyField, Parameter } from './operation.ts'

/** A value in a path, escaped. Fails with `invalid` when it would be empty. */
export function pathValue({ argument, name, style, explode, json }: Parameter, value: unknown): string {
  const written = json ? escaped(JSON.stringify(value)) : styledPath(name, style, explode, value)
  if (written === '') {
    throw new AndonError('invalid', `The argument ${argument} is empty, and a part of the path: give a value`)
  }
  return written
}

function styledPath(name: string, style: Parameter['style'], explode: boolean, value: unknown): string {
  switch (style) {
    case 'label':
      return `.${listed(value, explode, explode ? '.' : ',')}`
    case 'matrix': {
      if (!explode || !isComposed(value)) return `;${escaped(name)}=${listed(value, false, ',')}`
      const pairs = Array.isArray(value)
        ? present(value).map((each): [string, unknown] => [name, each])
        : entries(value)
      return pairs.map(([key, each]) => `;${escaped(key)}=${escaped(word(each))}`).join('')
    }
    default:
      return listed(value, explode, ',')
  }
}

/** `name=value` pairs of a query or a form, escaped; none for a value that is not there. */
export function queryPairs(
  parameter: Pick<BodyField, 'name' | 'style' | 'explode'> & { reserved?: true; json?: true },
  value: unknown,
): string[] {
  if (value === undefined || value === null) return []
  const { name, style, explode, reserved, json } = parameter
  const write = reserved ? lightlyEscaped : escaped
  const pair = (key: string, text: string): string => `${escaped(key)}=${text}`
  if (json) return [pair(name, write(JSON.stringify(value)))]
  if (!isComposed(value)) return [pair(name, write(word(value)))]
  if (style === 'deepObject') return deepPairs(name, value, write)
  if (Array.isArray(value)) {
    const texts = present(value).map((each) => write(word(each)))
    if (explode) return texts.map((text) => pair(name, text))
    const between = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ','
    return [pair(name, texts.join(between))]
  }
  if (explode) return entries(value).map(([key, each]) => pair(key, write(word(each))))
  const between = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ','
  return [
    pair(
      name,
      entries(value)
        .flatMap(([key, each]) => [write(key), write(word(each))])
        .join(between),
    ),
  ]
}

/** The value of a header. Fails with `invalid` when it has characters that no header may have. */
export function headerValue({ argument, explode, json }: Parameter, value: unknown): string {
  const text = json ? JSON.stringify(value) : listed(value, explode, ',', (each) => each)
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
    throw new AndonError(
      'invalid',
      `The argument ${argument} is sent as a header, which has no line breaks and no characters beyond Latin-1: change it`,
    )
  }
  return text
}

/** `name=value` pairs of a cookie. */
export function cookiePairs(parameter: Parameter, value: unknown): string[] {
  return queryPairs({ ...parameter, style: 'form' }, value)
}

function deepPairs(name: string, value: object, write: (text: string) => string): string[] {
  const pairs: string[] = []
  const go = (key: string, each: unknown): void => {
    if (each === undefined || each === null) return
    if (Array.isArray(each)) for (const one of each) go(key, one)
    else if (isComposed(each)) for (const [inner, one] of Object.entries(each)) go(`${key}[${inner}]`, one)
    else pairs.push(`${escaped(key)}=${write(word(each))}`)
  }
  if (Array.isArray(value)) for (const [at, one] of value.entries()) go(`${name}[${at}]`, one)
  else go(name, value)
  return pairs
}

/** A value in one line: a list its members, an object its keys and values. */
function listed(value: unknown, explode: boolean, between: string, write = escaped): string {
  if (value === undefined || value === null) return ''
  if (!isComposed(value)) return write(word(value))
  if (Array.isArray(value))
    return present(value)
      .map((each) => write(word(each)))
      .join(between)
  return entries(value)
    .flatMap(([key, each]) => (explode ? [`${write(key)}=${write(word(each))}`] : [write(key), write(word(each))]))
    .join(between)
}

function isComposed(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function present(values: readonly unknown[]): unknown[] {
  return values.filter((each) => each !== undefined && each !== null)
}

function entries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, each]) => each !== undefined && each !== null)
}

/** What is not one word is written as JSON: no style says how. */
function word(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Fails with `invalid` for half a surrogate pair, which has no UTF-8. */
export function escaped(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch (reason) {
    throw new AndonError('invalid', 'An argument has half a character in it, which cannot be sent: remove it', {
      cause: reason,
    })
  }
}

/** What would end a value or begin another one is escaped still. */
function lightlyEscaped(text: string): string {
  return escaped(text).replaceAll(/%(?:3A|2F|3F|5B|5D|40|24|2C|3B)/g, (code) => decodeURIComponent(code))
}
