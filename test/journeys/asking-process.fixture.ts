// A factory in a process of its own, with the travel policy, that asks one question when it is told to.

import { once } from 'node:events'
import type { OptionsInput } from '../../src/options.ts'
import { asked, openLibrary, travel } from './library.ts'

/** What it opens and asks. */
export interface Asking {
  readonly options: OptionsInput
  readonly question: string
}

const { options, question } = JSON.parse(process.argv[2] ?? '') as Asking
{
  await using factory = await openLibrary([travel], options)
  const told = once(process, 'message')
  process.send?.('ready')
  await told
  const { end } = await asked(factory, question)
  await new Promise((resolve) => process.send?.(end, resolve))
}
process.disconnect()
