// andon cache eval, as the command that it is: without a server, by words and by the vectors of an embedder.

import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { z } from 'zod'
import { endOf, startCommand, type Ended } from '../../test/command-line.ts'
import { ModelServer } from '../../test/servers/model-server.ts'

const pairs = [
  { a: 'How do I reset the router?', b: 'What are the steps to reset the router?', same: true, kind: 'paraphrase' },
  { a: 'How do I reset the router?', b: 'How do I not reset the router?', same: false, kind: 'negation' },
  { a: '怎么重置路由器？', b: '如何重置路由器？', same: true, kind: 'paraphrase' },
  { a: '怎么重置路由器？', b: '什么时候重置路由器？', same: false, kind: 'question-word' },
]

const rates = z.object({ hits: z.number(), same: z.number(), falseHits: z.number(), different: z.number() })
const result = z.object({ likeness: z.string(), threshold: z.number(), guarded: rates, likenessAlone: rates })

it('andon cache eval measures pairs of one’s own, and needs neither a server nor a data directory', async () => {
  await using model = await ModelServer.start()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-pairs-'))
  const directory = folder.path
  await writeFile(join(directory, 'pairs.jsonl'), pairs.map((pair) => JSON.stringify(pair)).join('\n'))
  const run = (args: string[], environment: Record<string, string> = {}): Promise<Ended> =>
    endOf(startCommand(['cache', 'eval', '--pairs', 'pairs.jsonl', ...args], { directory, environment }))
  const [told, words, vectors, wrong] = await Promise.all([
    run([]),
    run(['--json', '--threshold', '0.5']),
    run(['--json'], {
      ANDON_EMBEDDER_KIND: 'openai',
      ANDON_EMBEDDER_URL: model.baseUrl,
      ANDON_EMBEDDER_MODEL: 'vectors',
    }),
    run(['--threshold', 'high']),
  ])
  assert.equal(told.code, 0, told.stderr)
  assert.match(told.stdout, /^4 pairs, compared by words/)
  assert.match(told.stdout, /^all +2 +2 \(100 %\) +2 +0 \(0 %\)/m)
  assert.match(told.stdout, /No false hits\.[^]*Lowest threshold with at most 1 % false hits: 0\.00/)

  const byWords = result.parse(JSON.parse(words.stdout))
  assert.equal(byWords.threshold, 0.5)
  assert.deepEqual([byWords.guarded.hits, byWords.guarded.falseHits, byWords.likenessAlone.falseHits], [2, 0, 2])
  const byVectors = result.parse(JSON.parse(vectors.stdout))
  assert.match(byVectors.likeness, /vectors/)
  assert.equal(byVectors.threshold, 0.9)
  assert.ok(model.requests.length > 0)

  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /--threshold is «high»/)
  assert.deepEqual(await readdir(directory), ['pairs.jsonl'])
})
