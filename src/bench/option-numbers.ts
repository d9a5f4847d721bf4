// Numbers as users write them, with a sentence for those that are none.

import { AndonError } from '../core/errors.ts'

/** A whole number between two bounds, both included. Throws `invalid` and names the option. */
export function whole(text: string, option: string, least: number, largest: number): number {
  const value = decimal(text, option, least, largest)
  if (!Number.isInteger(value)) throw invalid(option, text, 'a whole number')
  return value
}

/** Milliseconds, of a number of seconds from 0. */
export function seconds(text: string, option: string, largest: number): number {
  return decimal(text, option, 0, largest) * 1000
}

/** A number between two bounds, both included. Throws `invalid` and names the option. */
export function decimal(text: string, option: string, least: number, largest: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= least && value <= largest) return value
  throw invalid(option, text, `a number from ${least} to ${largest}`)
}

/** The error for a value that cannot be: what it is, and what to give instead. */
export function invalid(option: string, value: string, wanted: string): AndonError {
  return new AndonError('invalid', `${option} is "${value}": give ${wanted}.`)
}
