// What a question costs from end to end: the model alone, Andon in front of it, and a LangChain.js service of the same
// steps in front of it.
//
//   npm run -s bench:end-to-end -- --json [--quick]

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Passage } from '../../src/core/question.ts'
import { buildPrompt } from '../../src/stations/generate/prompt.ts'
import { questionOf } from '../door/questions.ts'
import { atMost, median, publish, round, say } from '../harness.ts'
import { startEngine } from '../serving/engine-process.ts'
import { cpuSecondsOf, residentMiBOf } from '../serving/servers.ts'
import { ask, type Asked, type Target } from './asking.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
const quick = values.quick === true
const rounds = quick ? 1 : 3
const seconds = quick ? 3 : 8
const levels = quick ? [1, 8] : [1, 8, 32]
const questions = Array.from({ length: 200 }, (_, number) => questionOf(number))

interface Run extends Asked {
  cpuMsPerAnswer: number
  residentMiB: number
}

installPeers()
await using engine = await startEngine()
await using andon = await start('andon-server.ts', engine.url)
await using langchain = await start('peer-langchain.ts', engine.url)

const targets: (Target & { process?: ChildProcess })[] = [
  {
    name: 'the model alone',
    url: engine.url,
    path: '/v1/chat/completions',
    body: prompted,
    text: '"content":"',
    end: '[DONE]',
  },
  {
    name: 'Andon',
    url: andon.url,
    path: '/v1/ask',
    body: (question) => JSON.stringify({ question }),
    text: '"type":"text-delta"',
    end: '"type":"answer-end"',
    process: andon.process,
  },
  {
    name: 'LangChain.js and Fastify',
    url: langchain.url,
    path: '/ask',
    body: (question) => JSON.stringify({ question }),
    text: '"type":"text-delta"',
    end: '"type":"answer-end"',
    process: langchain.process,
  },
]

const runs = new Map<string, Run[]>()
for (const target of targets) await ask(target, { askers: 4, seconds: 2, questions })
for (let number = 1; number <= rounds; number++)
  for (const askers of levels)
    for (const target of targets) {
      const pid = target.process?.pid
      const before = pid === undefined ? 0 : cpuSecondsOf(pid)
      const asked = await ask(target, { askers, seconds, questions })
      const run = {
        ...asked,
        cpuMsPerAnswer: pid === undefined ? 0 : ((cpuSecondsOf(pid) - before) * 1_000) / asked.answers,
        residentMiB: pid === undefined ? 0 : residentMiBOf(pid),
      }
      const key = `${target.name} / ${askers}`
      runs.set(key, [...(runs.get(key) ?? []), run])
      say(`round ${number}: ${key}: first text p50 ${run.firstTextP50Ms.toFixed(0)} ms, ${run.perSecond.toFixed(1)}/s`)
    }

const rows = targets.flatMap(({ name }) =>
  levels.map((askers) => {
    const of = runs.get(`${name} / ${askers}`) ?? []
    const middle = (pick: (run: Run) => number): number => round(median(of.map(pick)), 3)
    return {
      target: name,
      askers,
      perSecond: middle((run) => run.perSecond),
      firstTextP50Ms: middle((run) => run.firstTextP50Ms),
      firstTextP99Ms: middle((run) => run.firstTextP99Ms),
      wholeP50Ms: middle((run) => run.wholeP50Ms),
      wholeP99Ms: middle((run) => run.wholeP99Ms),
      cpuMsPerAnswer: middle((run) => run.cpuMsPerAnswer),
      residentMiB: middle((run) => run.residentMiB),
    }
  }),
)
const at = (target: string, askers: number) => rows.find((row) => row.target === target && row.askers === askers)
const most = levels.at(-1) ?? 1
publish(
  {
    name: 'end-to-end',
    method:
      'The same questions about the shipped handbook, in a closed loop, to three doors before one simulated engine (its times are a model: a simulation; its embeddings are hashes of words). ' +
      'The model alone is given a prompt of the same form and about the same length. The service embeds the question, takes six passages by cosine from memory, and streams what the model says to the same prompt. ' +
      'Andon does that and more: it searches by words as well, reranks, checks every sentence against its passage, cites, and keeps a record. Targets take turns in each round; medians over rounds; processor time and memory of the door’s process from /proc.',
    rows,
    gates: [
      atMost(
        'what Andon adds to the first text, p50, one asker, in ms',
        (at('Andon', 1)?.firstTextP50Ms ?? 0) - (at('the model alone', 1)?.firstTextP50Ms ?? 0),
        100,
      ),
      atMost(
        `first text p50, Andon over LangChain.js, ${most} askers`,
        (at('Andon', most)?.firstTextP50Ms ?? 0) / (at('LangChain.js and Fastify', most)?.firstTextP50Ms ?? 1),
        1,
      ),
    ],
  },
  { keep: !quick },
)

/** The question behind six passages, as both doors ask. */
function prompted(question: string): string {
  const text = readFileSync(new URL('../../handbook/en/pools.md', import.meta.url), 'utf8')
  const passages = Array.from({ length: 6 }, (_, at): Passage => {
    const piece = text.slice(at * 500, at * 500 + 900)
    const named = { documentName: 'handbook/en/pools.md', title: 'Pools', collection: 'handbook', headings: [] }
    return { ...named, id: `p${at}`, documentId: 'd', kind: 'paragraph', ordinal: at, start: 0, end: 900, text: piece }
  })
  const { messages } = buildPrompt({ question, passages })
  return JSON.stringify({ model: 'simulated', stream: true, messages })
}

async function start(
  file: string,
  engineUrl: string,
): Promise<{ url: string; process: ChildProcess } & AsyncDisposable> {
  const child = fork(new URL(file, import.meta.url), [engineUrl])
  const [message] = (await once(child, 'message')) as [{ url: string }]
  return {
    url: message.url,
    process: child,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

function installPeers(): void {
  const folder = fileURLToPath(new URL('..', import.meta.url))
  if (existsSync(`${folder}node_modules`)) return
  say('installing the peers, once')
  const flags = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', flags, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('The peers could not be installed: run npm install in bench/ and look why.')
}
