// What a question costs from end to end: the model alone, Andon in front of it, and a LangChain.js service of the same
// steps in front of it.
//
//   npm run -s bench:end-to-end -- --json [--quick]

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { request } from 'undici'
import { samplesOf } from '../../src/bench/prometheus.ts'
import type { Found, Passage } from '../../src/core/question.ts'
import { buildPrompt } from '../../src/stations/generate/prompt.ts'
import { questionOf } from '../door/questions.ts'
import { atMost, median, percentile, publish, round, say } from '../harness.ts'
import { startEngine } from '../serving/engine-process.ts'
import { cpuSecondsOf, memoryMiBOf, sum, treeOf } from '../serving/servers.ts'
import { ask, type Asked, type Target } from './asking.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
const quick = values.quick === true
const rounds = quick ? 1 : 3
/** Askers, and how many questions they ask together: each of the ten as often as the others. */
const levels = quick
  ? [{ askers: 4, count: 10 }]
  : [
      { askers: 1, count: 10 },
      { askers: 4, count: 20 },
      { askers: 16, count: 40 },
    ]
const questions = Array.from({ length: 40 }, (_, number) => questionOf(number))
/** As both doors take by default. */
const passagesAsked = 6

interface Run extends Asked {
  cpuMsPerAnswer: number
  memoryMiB: number
  /** What the engine counted, per answer. */
  promptTokens: number
  outputTokens: number
}

installPeers()
await using engine = await startEngine()
// Vectors come from a server of their own, as they do elsewhere: they never wait behind prompts.
await using embedder = await startEngine('--profile', 'quick')
await using andon = await start('andon-server.ts')
await using langchain = await start('peer-langchain.ts')
/** What the model is given when it is alone: the passages that Andon finds. */
const passages = new Map<string, Passage[]>()
for (const question of questions) passages.set(question, await passagesFor(question))

const alone = {
  name: 'the model alone',
  url: engine.url,
  path: '/v1/chat/completions',
  body: prompted,
  text: '"content":"',
  end: '[DONE]',
}
const targets: (Target & { process?: ChildProcess })[] = [
  alone,
  // What any door must cost that takes so long: the question comes in the middle of a step of the engine.
  { ...alone, name: 'the model alone, 30 ms later', pauseMs: 30 },
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
    name: 'Andon, without tools',
    url: andon.url,
    path: '/v1/ask',
    body: (question) => JSON.stringify({ question, tools: false }),
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
for (const target of targets) await ask(target, 4, questions.slice(0, 10))
for (let number = 1; number <= rounds; number++)
  for (const { askers, count } of levels)
    for (const target of targets) {
      const pid = target.process?.pid
      const tree = pid === undefined ? [] : treeOf(pid)
      const cpuSeconds = (): number => sum(tree.map(cpuSecondsOf))
      const [cpuBefore, tokensBefore] = [cpuSeconds(), await engineTokens()]
      const asked = await ask(target, askers, questions.slice(0, count))
      const tokens = await engineTokens()
      const run: Run = {
        ...asked,
        cpuMsPerAnswer: ((cpuSeconds() - cpuBefore) * 1_000) / count,
        memoryMiB: sum(tree.map(memoryMiBOf)),
        promptTokens: (tokens.prompt - tokensBefore.prompt) / count,
        outputTokens: (tokens.output - tokensBefore.output) / count,
      }
      const key = `${target.name} / ${askers}`
      runs.set(key, [...(runs.get(key) ?? []), run])
      say(`round ${number}: ${key}: first text p50 ${median(run.firstMs).toFixed(0)} ms, ${run.perSecond.toFixed(1)}/s`)
    }

const rows = targets.flatMap(({ name }) =>
  levels.map(({ askers }) => {
    const of = runs.get(`${name} / ${askers}`) ?? []
    const [first, whole] = [of.flatMap(({ firstMs }) => firstMs), of.flatMap(({ wholeMs }) => wholeMs)]
    const middle = (pick: (run: Run) => number): number => round(median(of.map(pick)), 3)
    return {
      target: name,
      askers,
      answers: whole.length,
      perSecond: middle((run) => run.perSecond),
      firstTextP50Ms: round(median(first), 3),
      firstTextP95Ms: round(percentile(first, 0.95), 3),
      wholeP50Ms: round(median(whole), 3),
      wholeP95Ms: round(percentile(whole, 0.95), 3),
      cpuMsPerAnswer: middle((run) => run.cpuMsPerAnswer),
      memoryMiB: middle((run) => run.memoryMiB),
      promptTokens: middle((run) => run.promptTokens),
      outputTokens: middle((run) => run.outputTokens),
    }
  }),
)
const firstText = (target: string, askers: number): number =>
  rows.find((row) => row.target === target && row.askers === askers)?.firstTextP50Ms ?? Number.NaN
const [few = 1] = levels.map(({ askers }) => askers)
publish(
  {
    name: 'end-to-end',
    method:
      'The same ten questions about the shipped handbook, each with a number of its own, in a closed loop, to several doors before one simulated engine (no model and no GPU: the profile h100-8b, continuous batching; its times are simulated, its answers are sentences of the prompt). ' +
      'Vectors are hashes of words, from a second simulated engine. The model alone is handed the prompt with the passages that Andon finds, for nothing; once more with each question held back for 30 ms, as a control: so long a door may take, and it shows what the engine makes of that. ' +
      'The service (Fastify, LangChain.js) embeds the question, takes six passages by cosine from memory, and streams what the model says to the same form of prompt. ' +
      'Andon does that and more: it searches by words as well, reranks, checks every sentence against its passage, cites, and keeps a record on disk; unless the question says otherwise, it also offers its tools to the model. ' +
      'Targets take turns in each round; percentiles over all rounds, the rest medians over rounds; processor time and memory (proportional set size) of the door’s process and its children, from /proc; tokens as the engine counted them.',
    rows,
    gates: [
      atMost(
        `what Andon adds to the first text, p50, askers ${few}, in ms`,
        firstText('Andon, without tools', few) - firstText('the model alone', few),
        100,
      ),
      atMost(
        `first text p50, Andon without tools over LangChain.js, askers ${few}`,
        firstText('Andon, without tools', few) / firstText('LangChain.js and Fastify', few),
        1.25,
      ),
    ],
  },
  { keep: !quick },
)

/** What Andon finds for a question. */
async function passagesFor(text: string): Promise<Passage[]> {
  const { statusCode, body } = await request(`${andon.url}/v1/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, k: passagesAsked }),
  })
  if (statusCode !== 200) throw new Error(`Andon answered a search with ${statusCode}: ${await body.text()}`)
  const { found } = (await body.json()) as { found: Found[] }
  return found.map(({ passage }) => passage)
}

/** The question behind its passages, between new fences each time, as both doors ask. */
function prompted(question: string): string {
  const { messages } = buildPrompt({ question, passages: passages.get(question) ?? [] })
  return JSON.stringify({ model: 'simulated', stream: true, messages })
}

/** Tokens that the engine has read and made since it began. */
async function engineTokens(): Promise<{ prompt: number; output: number }> {
  const { body } = await request(`${engine.url}/metrics`)
  const samples = samplesOf(await body.text())
  const of = (name: string): number => sum(samples.filter((sample) => sample.name === name).map(({ value }) => value))
  return { prompt: of('vllm:prompt_tokens_total'), output: of('vllm:generation_tokens_total') }
}

async function start(file: string): Promise<{ url: string; process: ChildProcess } & AsyncDisposable> {
  const child = fork(new URL(file, import.meta.url), [engine.url, embedder.url])
  const ended = once(child, 'exit')
  let wanted = true
  child.once('exit', (code, signal) => {
    if (wanted) say(`${file} ended with ${signal ?? code}.`)
  })
  const url = await Promise.race([
    once(child, 'message').then(([message]) => (message as { url: string }).url),
    ended.then(([code, signal]) => Promise.reject(new Error(`${file} ended with ${signal ?? code} before it served.`))),
  ])
  return {
    url,
    process: child,
    async [Symbol.asyncDispose]() {
      wanted = false
      child.kill()
      await ended
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
