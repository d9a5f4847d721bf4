// Tools for tests of the registry, made with other libraries.

import { DynamicStructuredTool } from '@langchain/core/tools'
import { jsonSchema, tool } from 'ai'
import { z } from 'zod'

export const weather = tool({
  description: 'Tells the weather of a city',
  inputSchema: z.object({ city: z.string(), unit: z.enum(['C', 'F']).default('C') }),
  execute: async ({ city, unit }, { toolCallId, abortSignal }) => ({
    city,
    unit,
    toolCallId,
    canStop: abortSignal !== undefined,
    pid: process.pid,
  }),
})

export const counting = tool({
  description: 'Counts',
  inputSchema: jsonSchema<{ to: number }>({
    type: 'object',
    properties: { to: { type: 'integer' } },
    required: ['to'],
    additionalProperties: false,
  }),
  async *execute({ to }) {
    for (let n = 1; n <= to; n++) yield `${n}`
  },
})

export const shout = new DynamicStructuredTool({
  name: 'shout',
  description: 'Says it loudly',
  schema: z.object({ text: z.string().transform((text) => `${text}!`) }),
  func: async ({ text }) => ({ said: text.toUpperCase(), pid: process.pid }),
})
