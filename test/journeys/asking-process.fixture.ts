// A factory in a process of its own, with the travel policy: it asks what it is told, until its parent has heard enough.

import { once } from 'node:events'
import type { OptionsInput } from '../../src/options.ts'
import { asked, openLibrary, travel } from './library.ts'

await using factory = await openLibrary([travel], JSON.parse(process.argv[2] ?? '') as OptionsInput)
process.on('message', (question: string) => {
  void asked(factory, question).then(({ end }) => process.send?.(end))
})
const left = once(process, 'disconnect')
process.send?.('ready')
await left
