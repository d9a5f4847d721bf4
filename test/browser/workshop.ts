// Tools for the tests of the page: one with every kind of argument, one that may not be undone, one that never ends.

import { z } from 'zod'
import { defineTool } from '../../src/tools/definition.ts'

const order = z.object({
  title: z.string().describe('What it is called'),
  count: z.int().min(1).max(99).default(3),
  weight: z.number().optional(),
  size: z.enum(['small', 'large']).optional(),
  urgent: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  place: z.object({ town: z.string(), street: z.object({ name: z.string() }).optional() }).optional(),
})

/** Gives back what it was given. */
export const pack = defineTool(
  {
    description: 'Packs a parcel. It gives back what was asked.',
    input: order,
    output: z.object({ packed: order, parts: z.array(z.string()) }),
    traits: { readOnly: true },
  },
  (input) => ({ packed: input, parts: ['box', 'label'] }),
)

/** Asks a person first. */
export const scrap = defineTool(
  {
    description: 'Throws a parcel away. Nobody gets it back.',
    input: z.object({ parcel: z.string() }),
    traits: { destructive: true },
  },
  ({ parcel }) => ({ scrapped: parcel }),
)

/** Ignores its time, and is killed. */
export const spin = defineTool(
  { description: 'Turns for ever.', input: z.object({}), limits: { timeoutMs: 300 } },
  () => {
    for (;;);
  },
)

/** Ends with an error of its own. */
export const jam = defineTool({ description: 'Jams.', input: z.object({}) }, () => {
  throw new Error('The belt is jammed at station 4')
})
