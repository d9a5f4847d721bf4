// The column on the left: every tool in its group, with its lamp and one line.

import type { ToolView } from '../../../../src/core/tooling.ts'
import { Button } from '../../parts/button.tsx'
import { Lamp } from '../../parts/lamp.tsx'
import { groupsOf, lamps, lineOf } from './groups.ts'
import { t } from './words.ts'

/** The address of a tool's page. */
export function addressOf(name: string): string {
  return `/tools/${encodeURIComponent(name)}`
}

/** The list. */
export function List({
  tools,
  current,
  onAdd,
}: {
  tools: readonly ToolView[]
  current: string | undefined
  onAdd: () => void
}) {
  return (
    <nav class="tools-list" aria-label={t('list')}>
      <Button icon="plus" class="tools-add" onClick={onAdd}>
        {t('add')}
      </Button>
      {groupsOf(tools).map(({ name, tools: those }) => (
        <section key={name}>
          <h2>{name}</h2>
          <ul>
            {those.map((tool) => {
              const line = lineOf(tool)
              return (
                <li key={tool.name}>
                  <a href={addressOf(tool.name)} aria-current={tool.name === current ? 'page' : undefined}>
                    <Lamp state={lamps[tool.enabled ? tool.state : 'off']} size={10} />
                    <code>{tool.name}</code>
                    <small lang={line.lang}>{line.text}</small>
                  </a>
                </li>
              )
            })}
          </ul>
        </section>
      ))}
    </nav>
  )
}
