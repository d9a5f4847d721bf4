// Lets modules of tools import Andon and zod wherever they are: where they find none of their own, they get Andon's.

import { registerHooks } from 'node:module'
import { extname } from 'node:path'

const extension = extname(import.meta.filename)

/** What is given for each, seen from this file. */
const own: Readonly<Record<string, string>> = {
  andon: `../index${extension}`,
  'andon/tools': `./index${extension}`,
  zod: 'zod',
}

let lent = false

/** From now on, in this thread. What a module resolves itself is never replaced. */
export function lendOwnPackages(): void {
  if (lent) return
  lent = true
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const instead = Object.hasOwn(own, specifier) ? own[specifier] : undefined
      if (instead === undefined) return nextResolve(specifier, context)
      try {
        return nextResolve(specifier, context)
      } catch {
        return nextResolve(instead, { ...context, parentURL: import.meta.url })
      }
    },
  })
}
