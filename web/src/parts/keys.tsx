// The list of keys, at `?`.

import { keysShown, shortcuts } from '../keyboard.ts'
import { t } from '../words.ts'
import { Dialog } from './dialog.tsx'
import './keys.css'

/** The list, while it is asked for. */
export function KeyList() {
  if (!keysShown.value) return null
  const rows: [string[], string][] = [
    [['/'], t('keys.search')],
    [['N'], t('keys.new')],
    [['Enter', 'Shift Enter'], t('keys.enter')],
    [['Esc'], t('keys.escape')],
    [['[', ']'], t('keys.sources')],
    [['1', '–', '9'], t('keys.source')],
    [['G', 'A L T S'], t('keys.go')],
    [['Z'], t('keys.undo')],
    [['?'], t('keys.list')],
  ]
  return (
    <Dialog title={t('keys')} onClose={() => (keysShown.value = false)}>
      {shortcuts.value === 'off' && <p class="sm sec">{t('keys.off')}</p>}
      <dl class="keys">
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>{keys.map((key) => (key === '–' ? key : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
