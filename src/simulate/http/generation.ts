// /v1/chat/completions and /v1/completions: what will be said is known when the request is read; the engine says when.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { AndonError } from '../../core/errors.ts'
import { blockHashes, chainStart } from '../block-hashes.ts'
import { respond } from '../content/respond.ts'
import { spoken, spokenTokens } from '../content/spoken.ts'
import type { Spoken } from '../content/spoken.ts'
import { fillerText } from '../content/words.ts'
import type { Faults } from '../faults.ts'
import { seeded } from '../../core/random.ts'
import { hashText } from '../random.ts'
import type { Sequence } from '../sequence.ts'
import { tokenise } from '../tokens.ts'
import { readGeneration } from './chat-request.ts'
import type { GenerationRequest } from './chat-request.ts'
import { wholeAnswer } from './frames.ts'
import type { AnswerHead } from './frames.ts'
import type { EngineHost } from './host.ts'
import { OpenRequest } from './open-request.ts'
import { AnswerStream } from './stream.ts'
import { errorBody, readJson, send, sendJson } from './wire.ts'

/** Answers a request for words. Never throws; what is wrong is answered. */
export async function generate(
  host: EngineHost,
  kind: GenerationRequest['kind'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const open = new OpenRequest(host, request, response)
  try {
    const body = await readJson(request)
    const faults = await open.begin()
    if (!faults || response.destroyed) return
    if (faults.silent === true) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      return
    }
    answer(host, open, readGeneration(kind, body), faults)
  } catch (reason) {
    open.fail(reason)
  }
}

function answer(host: EngineHost, open: OpenRequest, request: GenerationRequest, faults: Faults): void {
  const { asked, kind, salt } = request
  const model = host.modelNamed(request.model)
  const prompt = tokenise(asked.prompt)
  const { maxModelTokens, blockSize } = host.settings
  const most = asked.maxTokens ?? 1
  if (prompt.length + most > maxModelTokens)
    throw new AndonError(
      'too-large',
      `This model's maximum context length is ${maxModelTokens} tokens. However, your request has ${prompt.length} input tokens and asks for ${most} output tokens. Please reduce the length of the input messages.`,
    )
  const said = sayable(host, request, faults, maxModelTokens - prompt.length)
  const head: AnswerHead = {
    kind,
    id: `${kind === 'chat' ? 'chatcmpl' : 'cmpl'}-${host.nextId()}`,
    created: now(),
    model,
  }
  const work = {
    promptTokens: prompt.length,
    outputTokens: said.pieces.length,
    hashes: blockHashes([...prompt, ...spokenTokens(said)], blockSize, chainStart(model, salt)),
    priority: request.priority,
  }
  let before: number | undefined
  let step: Step | undefined
  // Nothing is sent before the engine has taken it in: what it refuses is an error and no stream.
  open.submit({
    ...work,
    onStep: (sequence, ended) => {
      host.metrics.token(sequence, before)
      before = sequence.lastAt
      step?.(sequence, ended)
    },
  })
  step = request.stream ? streamed(open, head, said, { request, faults }) : whole(open, head, said, faults)
}

interface Delivery {
  request: GenerationRequest
  faults: Faults
}

type Step = (sequence: Sequence, ended: boolean) => void

function streamed(open: OpenRequest, head: AnswerHead, said: Spoken, { request, faults }: Delivery): Step {
  const stream = new AnswerStream(open.response, head, said, { usage: request.usage, faults })
  let silent = false
  return (sequence, ended) => {
    if (silent || open.response.destroyed) return
    const state = stream.step(sequence, ended)
    if (state === 'whole') open.end('completed', reasonOf(said))
    else if (state === 'spoilt') open.end('spoilt')
    else silent = state === 'silent'
  }
}

function whole(open: OpenRequest, head: AnswerHead, said: Spoken, faults: Faults): Step {
  const { cutAfter, errorFrameAfter, stallAfter, malformedAfter, noUsage } = faults
  return ({ produced, promptTokens, cached }, ended) => {
    const at = produced - 1
    if (cutAfter !== undefined && at >= cutAfter) {
      open.end('spoilt')
      open.response.destroy()
      return
    }
    if (errorFrameAfter !== undefined && at >= errorFrameAfter) {
      open.end('spoilt')
      sendJson(open.response, errorBody('Simulated fault: error.', 'SimulatedFault', 500), 500)
      return
    }
    if (!ended || (stallAfter !== undefined && at >= stallAfter)) return
    const usage = { prompt: promptTokens, completion: produced, cached }
    const text = JSON.stringify(wholeAnswer(head, said, noUsage === true ? undefined : usage))
    open.end(malformedAfter === undefined ? 'completed' : 'spoilt', reasonOf(said))
    send(open.response, 200, 'application/json', malformedAfter === undefined ? text : text.slice(0, text.length / 2))
  }
}

function sayable(host: EngineHost, { asked }: GenerationRequest, faults: Faults, room: number): Spoken {
  if (faults.empty === true) return { pieces: [{ kind: 'text', text: '' }], finish: 'stop' }
  const { seed } = host.settings
  if (faults.tokens === undefined) return spoken(respond(asked, host.options, seed), asked, room)
  const text = fillerText(faults.tokens, false, seeded(hashText(asked.prompt, seed)))
  return spoken([{ type: 'text', text }], asked, room)
}

function reasonOf({ finish }: Spoken): 'stop' | 'length' {
  return finish === 'length' ? 'length' : 'stop'
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}
