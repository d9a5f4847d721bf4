// What replies are made of: counts, times, anything that JSON can say; and the registry of schemas with a name.

import { z } from 'zod'
import type { Plain } from '../core/plain.ts'

/** The schemas that have a name of their own in /openapi.json. */
export const named = z.registry<{ id: string; description?: string }>()

/** A whole number from 0. */
export const count = z.int().min(0)
/** A moment. */
export const time = z.number().describe('Unix time in milliseconds.')
/** A length of time. */
export const milliseconds = z.number().min(0)
/** Any plain value. */
export const plain = z.custom<Plain>().describe('Anything that JSON can say.')
/** What a piece of a document is. */
export const blockKind = z.enum(['heading', 'paragraph', 'list', 'table', 'code'])
