// Who else shares an arbiter: one small file per process, so that an arbiter that takes over from a dead one knows for
// whom it has to wait before it grants anything.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Enters this process into the register of a folder; dispose it to leave. */
export function enterRegister(folder: string): { readonly member: string } & Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const member = `${process.pid}-${crypto.randomUUID()}`
  const path = join(folder, member)
  writeFileSync(path, startOf(process.pid) ?? '')
  return { member, [Symbol.dispose]: () => rmSync(path, { force: true }) }
}

/** Members whose processes live. What the dead left behind is removed. */
export function livingMembers(folder: string): Set<string> {
  const living = new Set<string>()
  for (const member of listed(folder)) {
    const path = join(folder, member)
    const pid = Number(member.split('-', 1)[0])
    if (isAlive(pid) && started(path) === (startOf(pid) ?? '')) living.add(member)
    else rmSync(path, { force: true })
  }
  return living
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function started(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** When a process began, in the kernel's ticks, where it tells: a number that is used again is so not taken for the same. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
