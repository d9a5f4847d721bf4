// What is wrong with an expression, in a sentence that names the place and says what to write instead.

import { AndonError } from '../core/errors.ts'
import { functionNamed, functionNames } from './functions.ts'
import type { Token } from './tokens.ts'
import { unitNamed, unitNames } from './units.ts'

/** A token that cannot stand where it does; `instead` is what could. */
export function unexpected(token: Token, instead?: string): AndonError {
  const hint =
    token.text === ','
      ? ' Commas stand between thousands (1,234) and between arguments; the decimal sign is a point.'
      : ''
  const wanted = instead === undefined ? ', which does not belong there' : ` where ${instead} should be`
  const here = token.kind === 'end' ? 'The expression ends' : `The expression has ${placeOf(token)}`
  return new AndonError('invalid', `${here}${wanted}.${hint}`)
}

/** A value behind another, with the token before it. */
export function nothingBetween(before: Token | undefined, token: Token): AndonError {
  if (token.kind === 'word' && !unitNamed(token.text) && !functionNamed(token.text)) return unknownWord(token.text)
  const hint = before?.text === '%' ? '% is percent here: write mod for the rest of a division' : 'write * to multiply'
  return new AndonError('invalid', `Nothing stands between two values at ${placeOf(token)}: ${hint}.`)
}

/** A word that means nothing here. */
export function unknownWord(text: string): AndonError {
  const near = [...functionNames(), ...unitNames()].filter(
    (name) =>
      name.toLowerCase() === text.toLowerCase() || (text.length > 2 && name.startsWith(text.slice(0, 3).toLowerCase())),
  )
  const known =
    near.length > 0 ? `Did you mean ${near.slice(0, 4).join(', ')}?` : `Functions: ${functionNames().join(', ')}.`
  return new AndonError('invalid', `"${text.slice(0, 40)}" is no unit, function or number. ${known}`)
}

function placeOf(token: Token): string {
  return token.kind === 'end' ? 'the end' : `"${token.text.slice(0, 30)}" at place ${token.at + 1}`
}
