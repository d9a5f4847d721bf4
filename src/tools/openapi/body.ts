// The body of a request, made of arguments.

import { randomUUID } from 'node:crypto'
import { AndonError } from '../../core/errors.ts'
import type { Body, BodyField, FileArgument } from './operation.ts'
import { queryPairs } from './styles.ts'

type Arguments = { readonly [argument: string]: unknown }

/** A body with its type; undefined when there is none to send. */
export function bodyOf(body: Body, given: Arguments): { mediaType: string; content: string | Buffer } | undefined {
  const { mediaType } = body
  if ('argument' in body) {
    const value = given[body.argument]
    if (value === undefined) return undefined
    switch (body.kind) {
      case 'json':
        return { mediaType, content: JSON.stringify(value) }
      case 'file': {
        const file = fileOf(body.argument, value)
        return { mediaType: safeMediaType(file.mediaType) ?? mediaType, content: file.bytes }
      }
      default:
        return { mediaType, content: typeof value === 'string' ? value : JSON.stringify(value) }
    }
  }
  const fields = body.fields.filter(({ argument }) => given[argument] !== undefined)
  if (fields.length === 0 && !body.required) return undefined
  switch (body.kind) {
    case 'form':
      return { mediaType, content: fields.flatMap((field) => queryPairs(field, given[field.argument])).join('&') }
    case 'multipart':
      return multipart(fields, given)
    default: {
      const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
      for (const { argument, name } of fields) object[name] = given[argument]
      return { mediaType, content: JSON.stringify(object) }
    }
  }
}

function multipart(fields: readonly BodyField[], given: Arguments): { mediaType: string; content: Buffer } {
  const boundary = `andon-${randomUUID()}`
  const parts: Buffer[] = []
  const add = (name: string, content: string | Buffer, mediaType?: string, filename?: string): void => {
    const file = filename === undefined ? '' : `; filename="${quotable(filename)}"`
    const type = mediaType === undefined ? '' : `content-type: ${mediaType}\r\n`
    parts.push(
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${quotable(name)}"${file}\r\n${type}\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    )
  }
  for (const { argument, name, file, mediaType } of fields) {
    const value = given[argument]
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (each === undefined || each === null) continue
      if (file) {
        const { bytes, filename, mediaType: own } = fileOf(argument, each)
        add(name, bytes, safeMediaType(own) ?? mediaType ?? 'application/octet-stream', filename ?? name)
      } else if (typeof each === 'object') add(name, JSON.stringify(each), mediaType ?? 'application/json')
      else add(name, typeof each === 'string' ? each : JSON.stringify(each), mediaType)
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return { mediaType: `multipart/form-data; boundary=${boundary}`, content: Buffer.concat(parts) }
}

function fileOf(argument: string, value: unknown): { bytes: Buffer; mediaType?: string; filename?: string } {
  const { base64, mediaType, filename } = value as Partial<FileArgument>
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(base64)) {
    throw new AndonError('invalid', `The argument ${argument} has no bytes: give { base64: '…' }`)
  }
  return {
    bytes: Buffer.from(base64, 'base64'),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(filename === undefined ? {} : { filename }),
  }
}

function safeMediaType(given: string | undefined): string | undefined {
  return given !== undefined && /^[\w.+-]+\/[\w.+-]+(?:; ?[\w.+-]+=[\w.+-]+)*$/.test(given) ? given : undefined
}

/** As browsers do. */
function quotable(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
