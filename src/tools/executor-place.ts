// Where a call runs: what was asked for, what its tool can, and for `auto` what its runs so far have shown.

import type { Profile } from './executor-profile.ts'
import type { Tool, ToolMode, ToolPlace } from './tool.ts'

/** A place and why, or why there is none. */
export type Choice = { place: ToolPlace; why?: string } | { wrong: string }

/** Runs after which a mean says something. */
const enoughRuns = 20

/** Bytes of arguments and result from which copying them between processes costs more than it protects. */
const heavyBytes = 256 * 1_024

/** Never another place than the one that was asked for: what cannot run there does not run. */
export function choosePlace(tool: Tool, mode: ToolMode, profile: Profile): Choice {
  const choice = choose(tool, mode, profile)
  if ('wrong' in choice) return choice
  const wrong = unlimited(tool, choice.place)
  return wrong === undefined ? choice : { wrong }
}

/** What of a tool's limits cannot hold in a place. */
function unlimited({ name, limits, trust, source }: Tool, place: ToolPlace): string | undefined {
  if (trust === 'untrusted') {
    if (source.kind !== 'code') return `The tool ${name} is untrusted, and only code in a module can be walled in`
    if (place !== 'process')
      return `The tool ${name} is untrusted, and only a process can be walled in: call it in a process`
  }
  if (limits.cpuMs !== undefined && (place !== 'process' || source.kind !== 'code')) {
    return `The tool ${name} has a limit of processor time, which only a process has for itself: call it in a process, or take cpuMs away`
  }
  if (limits.memoryMb !== undefined && (place === 'inline' || source.kind !== 'code')) {
    return `The tool ${name} has a limit of memory, which holds in workers of its own only: call it in a process or a thread, or take memoryMb away`
  }
  return undefined
}

function choose(tool: Tool, mode: ToolMode, profile: Profile): Choice {
  const host = tool.source.kind === 'closure' || (tool.source.kind === 'code' && tool.source.state === 'host')
  if (mode !== 'auto') {
    if (!host || mode === 'inline') return { place: mode }
    const what = tool.source.kind === 'closure' ? 'is a closure' : 'keeps its state in this process'
    return {
      wrong: `The tool ${tool.name} ${what}, which no ${mode} can run: call it inline, or give it as a module and an export`,
    }
  }
  if (host) return { place: 'inline', why: 'it cannot be moved to a worker' }
  if (tool.source.kind === 'mcp') return { place: 'process', why: 'its connection is kept there' }
  if (tool.trust === 'untrusted') return { place: 'process', why: 'it is untrusted' }
  if (tool.limits.cpuMs !== undefined) return { place: 'process', why: 'its processor time is limited' }
  if (profile.crashes > 0) return { place: 'process', why: `it cost ${round(profile.crashes)} workers so far` }
  if (tool.traits.destructive) return { place: 'process', why: 'what it does cannot be undone' }
  if (profile.runs < enoughRuns)
    return { place: 'process', why: `it ran ${profile.runs} times so far, too few to know it` }
  const means = `${round(profile.meanRunMs)} ms and ${Math.round(profile.meanBytes)} bytes on average over ${profile.runs} runs`
  if (profile.meanBytes > heavyBytes) return { place: 'thread', why: `${means}: a thread copies that cheaper` }
  if (profile.meanRunMs < 1) return { place: 'thread', why: `${means}: the way to a process would be the longer part` }
  return { place: 'process', why: `${means}: the way to a process is the shorter part` }
}

function round(value: number): number {
  return Number(value.toPrecision(2))
}
