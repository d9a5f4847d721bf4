// In which unit each number of a summary is, so that nobody takes a time for a rate.

const units: Record<string, string> = {
  rps: 'req/s',
  goodput: 'req/s',
  outputTokensPerSecond: 'tok/s',
  totalTokensPerSecond: 'tok/s',
  seconds: 's',
}
const times = new Set(['ttft', 'ttftScheduled', 'itl', 'tpot', 'e2e', 'e2eScheduled', 'slip'])

/** The unit of a field of a summary, such as `ms` of `ttft.p99`; undefined of a count or a share. */
export function unitOf(metric: string): string | undefined {
  const [name = '', field] = metric.split('.')
  if (field === undefined) return Object.hasOwn(units, name) ? units[name] : undefined
  return times.has(name) && field !== 'count' ? 'ms' : undefined
}
