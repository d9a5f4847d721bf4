// How the page is built: `vite build web` writes dist/page, every file also compressed beside itself, and says how
// many bytes a browser fetches. `vite web` serves it while it is written, with the API of a running `npm start`.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const api = process.env.ANDON_URL ?? 'http://127.0.0.1:8642'

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'baseline-widely-available',
    // Everything is a file of its own: the page's policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
  plugins: [lexerOnly(), compressed()],
  server: {
    proxy: Object.fromEntries(['/v1', '/health', '/openapi.json'].map((path) => [path, { target: api, ws: true }])),
  },
})

/**
 * Of the Markdown package only what reads is kept: what writes HTML is never used here, and is a fifth of it. The page reads
 * GitHub's Markdown, so the branches and the rules of the other kinds go too.
 */
function lexerOnly(): Plugin {
  return {
    name: 'lexer-only',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith('/marked.esm.js')) return undefined
      const [, lexer, tokenizer] = /\b(\w+) as Lexer\b.*?\b(\w+) as Tokenizer\b/.exec(code) ?? []
      const end = /;var \w+=new \w+;function \w+\(\w+,\w+\)\{return \w+\.parse\(/.exec(code)?.index
      // Makes a rule out of parts, and does nothing else.
      const rule = /\bfunction (\w+)\(\w+,\w+=""\)\{let \w+=typeof \w+=="string"/.exec(code)?.[1]
      if (lexer === undefined || tokenizer === undefined || end === undefined || rule === undefined)
        return this.error('marked is not written as it was: see lexerOnly in web/vite.config.ts')
      const kept = code
        .slice(0, end)
        .replace(/\bthis\.options\.(gfm|pedantic|breaks)\b/g, (_, kind) => (kind === 'gfm' ? 'true' : 'false'))
        .replace(/,(?:breaks:\w+,)?pedantic:\w+\}/g, '}')
        .replaceAll(`:${rule}(`, `:/*#__PURE__*/${rule}(`)
      return { code: `${kept};export{${lexer} as Lexer,${tokenizer} as Tokenizer}`, map: null }
    },
  }
}

/** Writes `.br` and `.gz` beside each file that gets smaller by it, and prints what scripts and styles weigh. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir = '' }) {
      let total = 0
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(entry.name)) continue
        const file = join(entry.parentPath, entry.name)
        const bytes = readFileSync(file)
        const gzip = gzipSync(bytes, { level: 9 })
        if (/\.(js|css)$/.test(entry.name)) total += gzip.length
        if (bytes.length < 1024) continue
        writeFileSync(`${file}.gz`, gzip)
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
      }
      this.info(`scripts and styles: ${(total / 1000).toFixed(1)} kB gzip`)
    },
  }
}
