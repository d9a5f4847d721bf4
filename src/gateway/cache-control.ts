// What a request's Cache-Control says about its answer.

import type { FastifyRequest } from 'fastify'
import type { Question } from '../core/question.ts'

/** The question, to be answered anew where the request says `no-cache`. */
export function asSentWith({ headers }: Pick<FastifyRequest, 'headers'>, question: Question): Question {
  const directives = (headers['cache-control'] ?? '').split(',').map((directive) => directive.trim().toLowerCase())
  return directives.includes('no-cache') ? { ...question, cache: false } : question
}
