// The page: what `vite build web` made, from memory, compressed once and under a policy that lets nothing else run.
// Where it was not built, one plain page says so, and how to ask with curl.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from './door.ts'
import { addFile, readFiles } from './page-files.ts'
import { addPlainPage } from './plain-page.ts'

/** What the page lets the reader's browser do: run its own files and talk to this server. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** The addresses of the page: it tells by itself what to show at each. */
const places = [
  '/',
  '/s/:session',
  '/answers/:id',
  '/library',
  '/library/:document',
  '/tools',
  '/tools/:tool',
  '/settings',
]

/** Adds the page and its files, or the plain page where it was not built. */
export function addPage(app: App, _door?: unknown, folder = builtPage()): void {
  if (folder === undefined) return addPlainPage(app)
  const headers = {
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  }
  for (const file of readFiles(folder)) {
    const urls = file.path === 'index.html' ? places : [`/${file.path}`]
    for (const url of urls) addFile(app, url, file, headers)
  }
}

/** Where the page was built to: beside the built gateway, or in `dist` of a clone. Undefined when it was not. */
function builtPage(): string | undefined {
  const folders = [join(import.meta.dirname, '../page'), join(import.meta.dirname, '../../dist/page')]
  return folders.find((folder) => existsSync(join(folder, 'index.html')))
}
