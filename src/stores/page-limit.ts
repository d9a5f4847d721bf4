// How many rows a list gives when it is asked for some.

import { AndonError } from '../core/errors.ts'

/** Most rows of one page of a list. */
const mostListed = 10_000

/** How many rows a list gives: 100 unless told, and never more than `most`. */
export function pageLimit(limit: number | undefined, most = mostListed): number {
  const wanted = limit ?? 100
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new AndonError('invalid', `The limit of a list must be a whole number from 1 on, not ${wanted}`)
  }
  return Math.min(wanted, most)
}
