// Why a request was answered with an error, kept beside its response until it is told of as ended.

import type { ServerResponse } from 'node:http'
import type { AndonError } from '../core/errors.ts'

const failures = new WeakMap<ServerResponse, AndonError>()

/** Remembers the error that a response tells. */
export function noteFailure(response: ServerResponse, error: AndonError): void {
  failures.set(response, error)
}

/** The error that a response tells; undefined for every other. */
export function failureOf(response: ServerResponse): AndonError | undefined {
  return failures.get(response)
}
