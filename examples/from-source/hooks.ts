// Lets examples say `andon/…` in the repository, as programs do where Andon is installed: the sources stand for what is
// built from them. Given as `node --import ./examples/from-source/hooks.ts FILE`; threads and child processes inherit it.

import { registerHooks } from 'node:module'
import manifest from '../../package.json' with { type: 'json' }

const entries = new Map(
  Object.entries(manifest.exports).flatMap(([name, built]) => {
    if (typeof built === 'string') return []
    const source = built.default.replace(/^\.\/dist\/(.*)\.js$/, '../../src/$1.ts')
    return [[`andon${name.slice(1)}`, new URL(source, import.meta.url).href]]
  }),
)

registerHooks({
  resolve: (specifier, context, next) => next(entries.get(specifier) ?? specifier, context),
})

process.env['NODE_OPTIONS'] ??= `--import ${import.meta.url}`
