// The tool `search`: the passages for a question, without an answer.

import { z } from 'zod'
import { passage } from '../replies-passages.ts'
import { questionText } from '../schemas.ts'
import { ownTool } from './own-tool.ts'
import { addressOf, placeOf } from './places.ts'
import { filterIn, searchedIn } from './searched-in.ts'

const input = z.strictObject({
  query: questionText.describe('A question, or words.'),
  k: z.int().min(1).max(100).optional().describe('How many passages. Default 10.'),
  ...searchedIn,
})

const output = z.strictObject({
  passages: z.array(
    passage.extend({
      score: z.number().describe('Higher is better.'),
      uri: z.string().describe('The passage as a resource.'),
    }),
  ),
})

/** The tool `search`. It stands in the lane of questions. */
export const searchTool = ownTool({
  name: 'search',
  title: 'Search the documents',
  description: 'Finds the passages of the documents for a question, best first, with the document and place of each.',
  scope: 'ask',
  input,
  output,
  async run({ query, k, collections, filter }, { factory, visit, caller }) {
    using _place = await visit.enter('question', caller.signal)
    const found = await factory.search(
      { text: query, ...(k === undefined ? {} : { k }), ...filterIn({ collections, filter }) },
      caller,
    )
    const passages = found.map(({ passage: each, score }) => ({
      ...each,
      score,
      uri: addressOf(each.documentId, each),
    }))
    const text = passages
      .map((each, index) => {
        const place = `${index + 1}. ${placeOf(each)} (document ${each.documentId}, ${each.start}-${each.end})`
        return `${place}\n${each.prefix === undefined ? '' : `${each.prefix}\n`}${each.text}`
      })
      .join('\n\n')
    return { text: text === '' ? 'Nothing was found.' : text, value: { passages } }
  },
})
