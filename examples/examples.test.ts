// Every example runs, as a program of its own, and its own checks hold.

import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const folder = import.meta.dirname

for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))) {
  test(`examples/${name} runs and its checks hold`, { timeout: 60_000 }, async () => {
    await promisify(execFile)(process.execPath, [join(folder, name)], { timeout: 50_000 })
  })
}
