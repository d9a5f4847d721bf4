// A request as Gemini's generateContent takes it: turns of parts, functions and what came of them, and the signatures
// given back with the calls that they came with.
// https://ai.google.dev/api/generate-content

import type { AskedCall, ClientTool } from '../../core/question.ts'
import { isRecord, parsed } from '../failure.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { ChatMessage, ChatRequest } from '../model.ts'

/** What came with a call: its signature, and whether its id is Gemini's own. */
export interface Signed {
  signature?: string
  named: boolean
}

type Part = Record<string, unknown>

/** Tokens for thinking, as Google's own compatibility layer has them for the three efforts. */
const budgets = { off: 0, low: 1_024, medium: 8_192, high: 24_576 } as const

/** For calls whose signature is not known: Gemini 3 refuses them without this word of its documentation. */
const unsigned = 'skip_thought_signature_validator'

/** What may be refused by an older or newer model: by these names, before {@link contentsBody} puts them in place. */
export function optionalParts({ schema, seed, reasoning, tools }: ChatRequest): Record<string, unknown> {
  return {
    responseJsonSchema: schema?.schema,
    seed,
    thinkingConfig:
      reasoning === undefined
        ? undefined
        : { thinkingBudget: budgets[reasoning], ...(reasoning === 'off' ? {} : { includeThoughts: true }) },
    // Under this name a function's parameters are JSON Schema; under the other, a part of OpenAPI.
    parametersJsonSchema: tools?.length ? true : undefined,
  }
}

/** The whole body. `spoken` is what of the optional parts is said, under the names it goes by. */
export function contentsBody(
  model: string,
  request: ChatRequest,
  signed: Keepsakes<Signed>,
  spoken: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { messages, tools, maxTokens, temperature, topP, stop, json, schema } = request
  const { parametersJsonSchema, parameters, ...generation } = spoken
  const key = parametersJsonSchema ? 'parametersJsonSchema' : parameters ? 'parameters' : undefined
  const system = messages.filter(({ role, content }) => role === 'system' && content !== '')
  return {
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system.map(({ content }) => ({ text: content })) } }),
    contents: wireContents(model, messages, signed),
    ...(tools?.length
      ? { tools: [{ functionDeclarations: tools.map((tool) => wireTool(tool, key)) }], toolConfig: wireChoice(request) }
      : {}),
    generationConfig: {
      ...generation,
      ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { topP }),
      ...(stop?.length ? { stopSequences: stop } : {}),
      ...(json === true || schema !== undefined ? { responseMimeType: 'application/json' } : {}),
    },
  }
}

function wireContents(model: string, messages: readonly ChatMessage[], signed: Keepsakes<Signed>): object[] {
  const contents: { role: 'user' | 'model'; parts: Part[] }[] = []
  const names = new Map<string, string>()
  for (const message of messages) {
    if (message.role === 'system') continue
    if (message.role === 'assistant') for (const { id, name } of message.toolCalls ?? []) names.set(id, name)
    const role = message.role === 'assistant' ? 'model' : 'user'
    const parts = partsOf(model, message, names, signed)
    const last = contents.at(-1)
    // All results of one turn stand together.
    if (last?.role === role) last.parts.push(...parts)
    else if (parts.length > 0) contents.push({ role, parts })
  }
  return contents
}

function partsOf(
  model: string,
  message: ChatMessage,
  names: ReadonlyMap<string, string>,
  signed: Keepsakes<Signed>,
): Part[] {
  if (message.role === 'tool') {
    const { callId, content } = message
    const result = parsed(content)
    const response = isRecord(result) ? result : { result: content }
    return [
      {
        functionResponse: {
          ...(signed.of(callId)?.named ? { id: callId } : {}),
          name: names.get(callId) ?? callId,
          response,
        },
      },
    ]
  }
  const text = message.content === '' ? [] : [{ text: message.content }]
  if (message.role !== 'assistant' || !message.toolCalls?.length) return text
  return [...text, ...message.toolCalls.map((call, place) => wireCall(model, call, place, signed))]
}

function wireCall(model: string, call: AskedCall, place: number, signed: Keepsakes<Signed>): Part {
  const known = signed.of(call.id)
  const args = parsed(call.arguments)
  // Of several calls only the first is signed.
  const signature = known?.signature ?? (place === 0 && /gemini-(?:[3-9]|\d\d)/.test(model) ? unsigned : undefined)
  return {
    functionCall: {
      ...(known?.named ? { id: call.id } : {}),
      name: call.name,
      args: isRecord(args) ? args : {},
    },
    ...(signature === undefined ? {} : { thoughtSignature: signature }),
  }
}

function wireTool({ name, description, parameters }: ClientTool, key: string | undefined): object {
  return {
    name,
    description: description ?? name,
    ...(parameters === undefined || key === undefined ? {} : { [key]: parameters }),
  }
}

function wireChoice({ toolChoice = 'auto' }: ChatRequest): object {
  const mode = toolChoice === 'auto' ? 'AUTO' : toolChoice === 'none' ? 'NONE' : 'ANY'
  return {
    functionCallingConfig: {
      mode,
      ...(typeof toolChoice === 'object' ? { allowedFunctionNames: [toolChoice.name] } : {}),
    },
  }
}
