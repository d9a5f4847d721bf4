// Tools through every protocol, with the real clients: the caller's own are passed on and their results come back; those
// of Andon run here.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  DefaultChatTransport,
  generateText,
  jsonSchema,
  readUIMessageStream,
  stepCountIs,
  streamText,
  tool,
  type UIMessage,
  type UIMessageChunk,
} from 'ai'
import OpenAI from 'openai'
import { z } from 'zod'
import { answerEnd } from '../../src/gateway/replies.ts'
import type { ChatBody, ChatScript } from '../servers/model-server.ts'
import { openHouse } from './house.ts'

const rain = 'Will it rain in Leeds?'
const sum = 'What is 12 times 7?'

/** Asks for the weather, or for a sum, and says what it is told. */
function script({ messages, tools = [], tool_choice }: ChatBody): ChatScript | string {
  const names = new Set(tools.map((each) => each.function.name))
  const told = messages.at(-1)
  if (told?.role === 'tool') return `Told: ${told.content.split('\n')[1] ?? ''}.`
  const asked = told?.content ?? ''
  const may = tool_choice !== 'none'
  if (may && names.has('weather') && asked.includes(rain))
    return { text: '', calls: [{ id: 'call_w', name: 'weather', arguments: { city: 'Leeds' } }] }
  if (may && names.has('calculator') && asked.includes(sum))
    return { text: '', calls: [{ id: 'call_c', name: 'calculator', arguments: { expression: '12*7' } }] }
  return `No tools among ${names.size}.`
}

const house = await openHouse({ chat: script })
after(() => house[Symbol.asyncDispose]())

const headers = { authorization: `Bearer ${house.key}` }
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const
const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.key, maxRetries: 0 })

describe('chat completions', () => {
  const weather = { type: 'function' as const, function: { name: 'weather', description: 'The weather.', parameters } }
  const asking = { model: 'andon', messages: [{ role: 'user' as const, content: rain }], tools: [weather] }

  it('end with calls of the caller’s functions, and go on with what came of them', async () => {
    const first = await client.chat.completions.create({
      ...asking,
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
    const [choice] = first.choices
    assert.equal(choice?.finish_reason, 'tool_calls')
    assert.equal(choice.message.content, null)
    assert.deepEqual(choice.message.tool_calls, [
      { id: 'call_w', type: 'function', function: { name: 'weather', arguments: '{"city":"Leeds"}' } },
    ])
    const sent = house.models.bodies<ChatBody>('/v1/chat/completions').at(-1)
    assert.deepEqual([sent?.tool_choice, sent?.parallel_tool_calls, sent?.tools?.length], ['required', false, 1])
    const second = await client.chat.completions.create({
      ...asking,
      messages: [...asking.messages, choice.message, { role: 'tool', tool_call_id: 'call_w', content: 'Rain' }],
    })
    assert.equal(second.choices[0]?.message.content, 'Told: Rain.')
    assert.equal(second.choices[0].finish_reason, 'stop')
    assert.equal(second.choices[0].message.tool_calls, undefined)
  })

  it('stream calls, which its accumulator gathers', async () => {
    const stream = client.chat.completions.stream(asking)
    const completion = await stream.finalChatCompletion()
    assert.equal(completion.choices[0]?.finish_reason, 'tool_calls')
    const [call] = completion.choices[0].message.tool_calls ?? []
    assert.ok(call?.type === 'function')
    assert.deepEqual([call.id, call.function.name, call.function.arguments], ['call_w', 'weather', '{"city":"Leeds"}'])
  })

  it('run its tool runner to the end', async () => {
    const given = z.object({ city: z.string() })
    const parse = (text: string) => given.parse(JSON.parse(text))
    const run = ({ city }: z.output<typeof given>) => `Sun in ${city}`
    const runnable = { ...weather.function, parameters: { ...parameters, required: ['city'] }, parse, function: run }
    const runner = client.chat.completions.runTools({
      model: 'andon',
      messages: [{ role: 'user', content: rain }],
      tools: [{ type: 'function', function: runnable }],
    })
    assert.equal(await runner.finalContent(), 'Told: Sun in Leeds.')
  })

  it('go on in a conversation that metadata names', async () => {
    const metadata = { session_id: 'weather' }
    await client.chat.completions.create({ ...asking, metadata })
    const messages = [{ role: 'tool' as const, tool_call_id: 'call_w', content: 'Hail' }]
    const second = await client.chat.completions.create({
      ...asking,
      metadata,
      messages: [...asking.messages, ...messages],
    })
    assert.equal(second.choices[0]?.message.content, 'Told: Hail.')
    const { turns } = await house.factory.session('weather')
    assert.deepEqual(
      turns.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'assistant'],
    )
  })

  it('have Andon’s own tools run here', async () => {
    const completion = await client.chat.completions.create({ ...asking, messages: [{ role: 'user', content: sum }] })
    const [choice] = completion.choices
    assert.match(choice?.message.content ?? '', /^Told: .*84/)
    assert.equal(choice?.finish_reason, 'stop')
    assert.partialDeepStrictEqual(completion, { andon: { toolRuns: [{ id: 'call_c', name: 'calculator', ok: true }] } })
  })

  it('refuse a result that says of no call', async () => {
    const body = {
      model: 'andon',
      messages: [
        { role: 'user', content: rain },
        { role: 'tool', content: 'Rain' },
      ],
    }
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(response.status, 400)
    assert.match(await response.text(), /no tool_call_id/)
  })
})

describe('responses', () => {
  const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: null }]
  const output = (text: string) => ({ type: 'function_call_output' as const, call_id: 'call_w', output: text })

  it('end with function calls, and go on behind them', async () => {
    const first = await client.responses.create({ model: 'andon', input: rain, tools })
    assert.deepEqual(first.output, [
      {
        id: 'fc_call_w',
        type: 'function_call',
        status: 'completed',
        call_id: 'call_w',
        name: 'weather',
        arguments: '{"city":"Leeds"}',
      },
    ])
    assert.equal(first.tools.length, 1)
    const second = await client.responses.create({
      model: 'andon',
      tools,
      previous_response_id: first.id,
      input: [output('Snow')],
    })
    assert.equal(second.output_text, 'Told: Snow.')
  })

  it('go on with an input that brings everything', async () => {
    const input = [
      { role: 'user' as const, content: rain },
      { type: 'function_call' as const, call_id: 'call_w', name: 'weather', arguments: '{"city":"Leeds"}' },
      output('Fog'),
    ]
    const response = await client.responses.create({ model: 'andon', tools, store: false, input })
    assert.equal(response.output_text, 'Told: Fog.')
  })

  it('stream their events', async () => {
    const stream = client.responses.stream({ model: 'andon', input: rain, tools })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    assert.deepEqual(types, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ])
    const final = await stream.finalResponse()
    assert.equal(final.output[0]?.type, 'function_call')
  })
})

describe('the OpenAI-compatible provider of the AI SDK', () => {
  const model = createOpenAICompatible({ name: 'andon', baseURL: `${house.url}/v1`, apiKey: house.key })('andon')
  const weather = tool({
    description: 'The weather.',
    inputSchema: jsonSchema<{ city: string }>({ ...parameters, required: ['city'] }),
    execute: ({ city }) => `Wind in ${city}`,
  })
  const asking = { model, prompt: rain, tools: { weather }, stopWhen: stepCountIs(3), maxRetries: 0 }

  it('generates in steps', async () => {
    const { text, steps } = await generateText(asking)
    assert.equal(text, 'Told: Wind in Leeds.')
    assert.equal(steps.length, 2)
  })

  it('streams in steps', async () => {
    const result = streamText(asking)
    assert.equal(await result.text, 'Told: Wind in Leeds.')
    assert.deepEqual(
      (await result.steps).map(({ finishReason }) => finishReason),
      ['tool-calls', 'stop'],
    )
  })
})

describe('the transport of useChat', () => {
  const transport = new DefaultChatTransport<UIMessage>({ api: `${house.url}/v1/ui/messages`, headers })

  async function send(chatId: string, messages: UIMessage[], body: object = {}): Promise<UIMessage> {
    const stream = await transport.sendMessages({
      chatId,
      messages,
      body,
      trigger: 'submit-message',
      messageId: undefined,
      abortSignal: undefined,
    })
    return await lastOf(stream, messages.at(-1))
  }

  it('shows the calls of Andon’s own tools', async () => {
    const message = await send('sums', [user(sum)])
    const call = message.parts.find((part) => part.type === 'dynamic-tool')
    assert.ok(call?.state === 'output-available')
    assert.deepEqual([call.toolName, call.input, call.providerExecuted], ['calculator', { expression: '12*7' }, true])
    assert.match(JSON.stringify(call.output), /84/)
    assert.match(textOf(message), /^Told: .*84/)
  })

  it('calls the page’s own tools, and the same message goes on with what came of them', async () => {
    const body = { client_tools: [{ name: 'weather', parameters }] }
    const first = await send('page', [user(rain)], body)
    const call = first.parts.find((part) => part.type === 'tool-weather')
    assert.ok(call && 'state' in call && call.state === 'input-available')
    assert.deepEqual(call.input, { city: 'Leeds' })
    const parts = first.parts.map<UIMessage['parts'][number]>((part) =>
      part === call ? { ...call, state: 'output-available' as const, output: { sky: 'grey' } } : part,
    )
    const second = await send('page', [user(rain), { ...first, parts }], body)
    assert.equal(second.id, first.id)
    assert.equal(textOf(second), 'Told: {"sky":"grey"}.')
  })
})

describe('POST /v1/ask', () => {
  const ask = async (body: object): Promise<z.output<typeof answerEnd>> => {
    const response = await fetch(`${house.url}/v1/ask`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    assert.equal(response.status, 200, text)
    return answerEnd.parse(JSON.parse(text))
  }

  it('ends with calls of the caller’s tools, and goes on when it is asked again with their results', async () => {
    const asking = { question: rain, session_id: 'own', tools: false, client_tools: [{ name: 'weather', parameters }] }
    const first = await ask(asking)
    assert.deepEqual(first.toolCalls, [{ id: 'call_w', name: 'weather', arguments: '{"city":"Leeds"}' }])
    const second = await ask({ ...asking, tool_results: [{ call_id: 'call_w', content: 'Drizzle' }] })
    assert.equal(second.text, 'Told: Drizzle.')
    assert.equal(second.toolCalls, undefined)
  })

  it('runs the tools that a question names, and none when it says so', async () => {
    const named = await ask({ question: sum, tools: ['calculator'] })
    assert.match(named.text, /^Told: .*84/)
    assert.deepEqual(
      named.toolRuns?.map(({ name, ok }) => [name, ok]),
      [['calculator', true]],
    )
    assert.equal(named.confidence, 'answered')
    const none = await ask({ question: sum, tools: false })
    assert.equal(none.toolRuns, undefined)
    assert.equal(none.mode, 'extractive')
  })

  it('keeps the calls of an answer in its record', async () => {
    const { id } = await ask({ question: sum })
    const record = await house.factory.record(id)
    const types = record.events.map(({ type }) => type)
    assert.ok(types.includes('tool-call') && types.includes('tool-result'))
    assert.deepEqual(
      record.spans.filter(({ station }) => station === 'tool calculator').map(({ outcome }) => outcome),
      ['ok'],
    )
    assert.equal(record.spans.filter(({ station }) => station === 'generate').length, 2)
  })
})

function user(text: string): UIMessage {
  return { id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text }] }
}

async function lastOf(stream: ReadableStream<UIMessageChunk>, before: UIMessage | undefined): Promise<UIMessage> {
  let last: UIMessage | undefined
  const message = before?.role === 'assistant' ? { message: before } : {}
  for await (const each of readUIMessageStream({ stream, terminateOnError: true, ...message })) last = each
  assert.ok(last)
  return last
}

function textOf({ parts }: UIMessage): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
