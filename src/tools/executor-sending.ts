// Calls as a host is told of them: each tool once, many calls in one text, and until when they may begin.

import { defaultTimeoutMs } from './executor-job.ts'
import type { Job } from './executor-job.ts'
import { machineMs } from './host-message.ts'
import type { HostInput, HostTool } from './host-message.ts'
import type { Tool } from './tool.ts'

/** A call that has not begun this many milliseconds after it was sent is given to somebody else. */
export const leaseMs = 50

/** Writes to one host, and knows what that has been told. */
export class Sending {
  readonly #tools = new Map<string, number>()

  /** One message for calls that leave now. */
  run(jobs: readonly Job[]): HostInput {
    const tools: HostTool[] = []
    const sentAt = performance.now()
    let calls = ''
    for (const job of jobs) {
      job.sentAt = sentAt
      const { number, id, tenant, text } = job
      calls += `${calls === '' ? '[' : ','}[${number},${this.#index(job.tool, tools)},${JSON.stringify(id)},${JSON.stringify(tenant)},${text}${careOf(job)}${untilOf(job)}]`
    }
    return { kind: 'run', tools, lease: machineMs() + leaseMs, calls: `${calls}]` }
  }

  /** What has tools loaded before they are called; undefined when the host knows them all. */
  load(tools: readonly Tool[]): HostInput | undefined {
    const unknown: HostTool[] = []
    for (const tool of tools) this.#index(tool, unknown)
    return unknown.length > 0 ? { kind: 'load', tools: unknown } : undefined
  }

  #index(tool: Tool, unknown: HostTool[]): number {
    const key = sourceKey(tool)
    const known = this.#tools.get(key)
    if (known !== undefined) return known
    const index = this.#tools.size
    this.#tools.set(key, index)
    const { outputBytes = 2 ** 20, timeoutMs = defaultTimeoutMs } = tool.limits
    unknown.push({ index, source: tool.source, outputBytes, timeoutMs })
    return index
  }
}

/** What a host is told of how careful it should be: see SentCall. */
function careOf({ profile, remote }: Job): '' | ',1' | ',2' {
  if (remote) return ''
  if (profile.crashes > 0) return ',2'
  return profile.runs > 0 ? '' : ',1'
}

/** Until when its batch waits, where that is known. */
function untilOf(job: Job): string {
  if (job.deadlineAt === undefined) return ''
  const until = machineMs() + job.deadlineAt - performance.now()
  return `${careOf(job) === '' ? ',0' : ''},${until.toFixed(1)}`
}

const keys = new WeakMap<Tool, string>()

function sourceKey(tool: Tool): string {
  let key = keys.get(tool)
  if (key === undefined) {
    key = JSON.stringify([tool.source, tool.limits.outputBytes, tool.limits.timeoutMs])
    keys.set(tool, key)
  }
  return key
}
