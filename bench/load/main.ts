// Loading beside serving: how fast PDFs load, whether their questions find the right page, and what loading does to
// the serving process and to the questions asked meanwhile.
//
//   npm run -s bench:load -- --json --set FOLDER
//
// FOLDER holds PDF files and questions.jsonl: { text, doc, evidence: [{ page_index0 }] }, the layout of FinanceBench.
// Default: BENCH_FILINGS, else data/filings of a folder «shared» beside this repository.

import { fork, type ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { request, Agent } from 'undici'
import { atLeast, atMost, median, percentile, publish, round, say } from '../harness.ts'
import type { Order, Reading } from './server.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, set: { type: 'string' }, questions: { type: 'string', default: '2000' } },
})
const folder = resolve(values.set ?? process.env['BENCH_FILINGS'] ?? '../shared/data/filings')
const wanted = Number(values.questions)

interface SetQuestion {
  text: string
  doc: string
  evidence: { page_index0: number }[]
}

const files = (await readdir(folder)).filter((name) => name.endsWith('.pdf')).sort()
const setQuestions = (await readFile(join(folder, 'questions.jsonl'), 'utf8'))
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => JSON.parse(line) as SetQuestion)

/** Asked while nothing loads and while everything does: the same, so that the two compare. */
const handbookQuestions = [
  'What is a process pool and when should I use it?',
  'How does Andon survive kill -9?',
  'When is a coroutine the wrong choice?',
  '线程和进程有什么区别？',
  '什么是死锁，怎么避免？',
  'What is back-pressure?',
  'How are citations checked?',
  '什么是协程？',
  'What happens when the model is slow?',
  'How are jobs retried?',
]

type OrderWithoutId = Order extends infer Each ? (Each extends Order ? Omit<Each, 'id'> : never) : never

class Server {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #next = 1
  url = ''

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: { id: number; value?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.error === undefined) waiting?.resolve(message.value)
      else waiting?.reject(new Error(message.error))
    })
  }

  static async start(dataDir: string): Promise<Server> {
    const server = new Server(fork(new URL('server.ts', import.meta.url), [dataDir]))
    const ready = Promise.withResolvers<unknown>()
    server.#waiting.set(0, ready)
    server.url = String(await ready.promise)
    return server
  }

  tell<Value>(order: OrderWithoutId): Promise<Value> {
    const id = this.#next++
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiting)
    this.#child.send({ ...order, id })
    return waiting.promise as Promise<Value>
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'andon-bench-load-'))
const agent = new Agent()
try {
  const server = await Server.start(dataDir)
  await Array.fromAsync({ length: 200 }, (_, at) => ask(server.url, at)) // warm: caches, dictionaries, compiled code
  const idle = await asked(server, wanted, () => false)
  say(`idle: p95 ${idle.p95} ms`)

  // Alone first: the speed of loading itself.
  const alone = await loadAll(server, 'alone')
  const hits = await pagesFound(server)
  // Then beside questions, again and again until enough of them were asked.
  let loading = true
  const busyLoads = (async () => {
    const loads: { pages: number; seconds: number }[] = []
    for (let round = 0; loading && round < 50; round++) loads.push(await loadAll(server, `round-${round}`))
    return loads
  })()
  const busy = await asked(server, wanted, () => false)
  loading = false
  const loads = await busyLoads
  await server.tell({ kind: 'close' })

  const pagesPerSecond = round(alone.pages / alone.seconds)
  publish({
    name: 'load',
    method: `${files.length} PDF files (${alone.pages} pages) are loaded through two parser processes. Alone for pages/s; then again and again while ${busy.questions} questions are asked over HTTP, one after the other, and compared with ${idle.questions} questions asked before. Memory is the resident size of the serving process at its highest, over its size idle.`,
    rows: [
      { what: 'loading alone', ...alone, pagesPerSecond },
      {
        what: 'loading beside questions',
        loads,
        pagesPerSecond: median(loads.map((each) => each.pages / each.seconds)),
      },
      { what: 'questions, idle', ...idle },
      { what: 'questions, loading', ...busy },
      { what: 'gold page among the first five pages', hits, of: setQuestions.length },
    ],
    gates: [
      atLeast('pages per second', pagesPerSecond, 25),
      atLeast('questions with the gold page in the first five', hits, 6),
      atMost('memory over idle MB', busy.rssMb - idle.rssMb, 120),
      atMost('event-loop delay p99 ms', busy.loopP99Ms, 50),
      atMost('question p95 loading / idle', busy.p95 / idle.p95, 2),
    ],
  })
} finally {
  await agent.close()
  await rm(dataDir, { recursive: true, force: true })
}

async function loadAll(server: Server, label: string): Promise<{ pages: number; seconds: number }> {
  const started = performance.now()
  // Unchanged bytes under a new name are a new document.
  const pages = await Promise.all(
    files.map((name) =>
      server.tell<number>({ kind: 'add', path: join(folder, name), name: `${label}/${name}`, wait: true }),
    ),
  )
  return { pages: pages.reduce((sum, each) => sum + each, 0), seconds: round((performance.now() - started) / 1_000) }
}

async function asked(server: Server, count: number, stop: () => boolean) {
  await server.tell<Reading>({ kind: 'reading' })
  const times: number[] = []
  const readings: Reading[] = []
  for (let at = 0; at < count && !stop(); at++) {
    times.push(await ask(server.url, at))
    if (at % 100 === 99) readings.push(await server.tell<Reading>({ kind: 'reading' }))
  }
  return {
    questions: times.length,
    p50: round(median(times)),
    p95: round(percentile(times, 0.95)),
    p99: round(percentile(times, 0.99)),
    rssMb: round(Math.max(...readings.map(({ rssMb }) => rssMb))),
    loopP99Ms: round(median(readings.map(({ loopP99Ms }) => loopP99Ms))),
    loopMaxMs: round(Math.max(...readings.map(({ loopMaxMs }) => loopMaxMs))),
  }
}

async function ask(url: string, at: number): Promise<number> {
  const started = performance.now()
  const { statusCode, body } = await request(`${url}/v1/ask`, {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      question: handbookQuestions[at % handbookQuestions.length],
      filter: { collections: ['handbook'] },
    }),
  })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`A question was answered with ${statusCode}: ${text.slice(0, 200)}`)
  return performance.now() - started
}

async function pagesFound(server: Server): Promise<number> {
  let hits = 0
  for (const { text, doc, evidence } of setQuestions) {
    const found = await server.tell<{ document: string; page?: number; pageEnd?: number }[]>({
      kind: 'search',
      text,
      k: 40,
    })
    const pages: string[] = []
    for (const { document, page = 0, pageEnd = page } of found)
      for (let each = page; each <= pageEnd; each++)
        if (!pages.includes(`${document}#${each}`)) pages.push(`${document}#${each}`)
    const gold = evidence.map(({ page_index0 }) => `alone/${doc}.pdf#${page_index0 + 1}`)
    const hit = pages.slice(0, 5).some((page) => gold.includes(page))
    if (hit) hits++
    say(`${hit ? 'found' : 'missed'} ${gold.join(' ')} (first: ${pages.slice(0, 5).join(' ')})`)
  }
  return hits
}
