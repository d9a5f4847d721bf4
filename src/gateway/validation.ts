// Validates what a request brings with the zod schema of its route, and tells what is wrong in our own sentences.

import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { checked } from './schemas.ts'

const wholes: Record<string, string> = {
  body: 'The body',
  querystring: 'The query',
  params: 'The path',
  headers: 'The headers',
}

/** Fastify's validator for zod schemas. */
export const validator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value: unknown) => {
    try {
      return { value: checked(schema, value ?? undefined, wholes[httpPart ?? 'body']) }
    } catch (reason) {
      return { error: AndonError.from(reason) }
    }
  }
