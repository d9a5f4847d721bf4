// A form is what a web page of somebody else may send here without being asked, so that pages are looked at first.

import type { FastifyRequest } from 'fastify'
import { AndonError } from '../core/errors.ts'

/** Throws `forbidden` for a form from a web page that is neither ours nor in the list of `origins`. Programs send no origin. */
export function refuseForeignForm({ headers, host }: FastifyRequest, origins: string | undefined): void {
  const { origin } = headers
  if (origin === undefined || hostOf(origin) === host) return
  if (origins?.split(',').some((allowed) => allowed.trim() === origin)) return
  throw new AndonError(
    'forbidden',
    `The web page ${origin.slice(0, 200)} may not add documents. Add it to the option origins, if it shall.`,
  )
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
