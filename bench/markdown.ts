// The results as a page: what was kept and what was missed first, then a table for each scenario.

import { round, type Result } from './harness.ts'

/** A page of a result whose rows say their `scenario`. */
export function markdown(
  title: string,
  { method, rows, gates }: Result,
  versions: Record<string, string | number>,
): string {
  const missed = gates.filter(({ ok }) => !ok).length
  const gateTable = table(
    ['', 'gate', 'value', 'bound'],
    gates.map(({ ok, name, value, bound }) => [ok ? 'ok' : 'MISS', name, shown(value), bound]),
  )
  const reasons = gates.flatMap(({ ok, name, reason }) => (!ok && reason ? [`- ${name}: ${reason}`] : []))
  const scenarios = new Map<string, Record<string, unknown>[]>()
  for (const row of rows as Record<string, unknown>[]) {
    const { scenario, ...figures } = row
    const name = String(scenario)
    scenarios.set(name, [...(scenarios.get(name) ?? []), figures])
  }
  const parts = [...scenarios].map(([name, figures]) => {
    const columns = [...new Set(figures.flatMap((row) => Object.keys(row)))]
    return `## ${name}\n\n${table(
      columns,
      figures.map((row) => columns.map((column) => shown(row[column]))),
    )}`
  })
  const ran = Object.entries(versions)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  return `# ${title}, measured\n\n${method}\n\n${ran}\n\n## Gates: ${gates.length - missed} of ${gates.length} kept\n\n${gateTable}\n\n${reasons.length > 0 ? `${reasons.join('\n')}\n\n` : ''}${parts.join('\n\n')}\n`
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

function shown(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(round(value)) : 'none'
  if (value === undefined || value === null) return ''
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${inner}`)
      .join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
