// The files of a built page: read once, told apart by their hash, and sent in the smallest form the reader takes.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import type { App } from './door.ts'

/** A file as it is sent. */
export interface PageFile {
  /** Relative to the page's folder, with `/`. */
  path: string
  type: string
  etag: string
  plain: Buffer
  /** Made when the page was built; absent for a file that does not get smaller by it. */
  br?: Buffer
  gzip?: Buffer
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/** Reads the files of a folder; what is of no type that a page has is left out. */
export function readFiles(folder: string): PageFile[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return found.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name)
    const type = types[extname(entry.name)]
    if (type === undefined) return []
    const plain = readFileSync(file)
    return [
      {
        path: relative(folder, file).split(sep).join('/'),
        type,
        etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
        plain,
        ...(existsSync(`${file}.br`) ? { br: readFileSync(`${file}.br`) } : {}),
        ...(existsSync(`${file}.gz`) ? { gzip: readFileSync(`${file}.gz`) } : {}),
      },
    ]
  })
}

/** Adds GET (and HEAD) of a file. A name with a hash in it is kept for good; any other is asked for again each time. */
export function addFile(app: App, url: string, file: PageFile, headers: Record<string, string>): void {
  const cache = file.path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  app.get(url, { schema: { hide: true }, config: { scope: 'open' } }, async (request, reply) => {
    const accepted = request.headers['accept-encoding']
    const form = takes(accepted, 'br') && file.br ? 'br' : takes(accepted, 'gzip') && file.gzip ? 'gzip' : 'plain'
    void reply.headers({ ...headers, 'cache-control': cache, vary: 'accept-encoding', etag: file.etag })
    if (request.headers['if-none-match']?.includes(file.etag)) return await reply.status(304).send()
    if (form !== 'plain') void reply.header('content-encoding', form)
    return await reply.type(file.type).send(file[form] ?? file.plain)
  })
}

/** Whether a reader takes an encoding: it is named, and not with a weight of nothing. */
function takes(accepted: string | undefined, encoding: string): boolean {
  return (accepted ?? '').split(',').some((each) => {
    const [name, weight] = each.trim().split(/\s*;\s*q=/)
    return name === encoding && Number(weight ?? 1) > 0
  })
}
