// How OpenAI tells an error, for the description of the routes that speak its protocol.

import { z } from 'zod'

const openAIError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .describe("An error in OpenAI's shape")

/** The responses of a route that are errors. */
export const openAIErrors = { '4xx': openAIError, '5xx': openAIError } as const
