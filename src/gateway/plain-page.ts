// The page of a clone where the page was not built: what this is, and how to ask with curl.

import { createHash } from 'node:crypto'
import type { App } from './door.ts'

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:3em auto;padding:0 1em}pre{background:#8881;padding:1em;overflow-x:auto}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** Adds GET /. This page has no script and may load nothing. */
export function addPlainPage(app: App): void {
  app.get('/', { schema: { hide: true }, config: { scope: 'open' } }, async (request, reply) => {
    void reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'`)
    return page(`http://${request.host}`)
  })
}

function page(origin: string): string {
  const base = escaped(origin)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Andon</title><style>${style}</style></head><body>
<h1>Andon</h1>
<p>An answer factory: documents go in, checked answers come out. It is running.</p>
<p>Its page was not built. Run <code>npm run build</code>, then start Andon again.</p>
<h2>Ask</h2>
<pre>curl -N ${base}/v1/ask -H 'content-type: application/json' \\
  -d '{"question": "When should I use a process instead of a thread?"}'</pre>
<p>The answer comes as server-sent events. With <code>-H 'accept: application/json'</code> it comes whole.</p>
<h2>As a model</h2>
<pre>curl ${base}/v1/chat/completions -H 'content-type: application/json' \\
  -d '{"model": "andon", "messages": [{"role": "user", "content": "What is a lock?"}]}'</pre>
<p>Programs that know OpenAI's API use <code>${base}/v1</code> as base address; <code>${base}/v1/models</code> lists
the collections.</p>
<h2>Add documents</h2>
<pre>andon add ./docs</pre>
<p>In a clone of the repository: <code>npm run -s andon -- add ./docs</code></p>
<p>State: <a href="/health/ready">/health/ready</a></p>
</body></html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
