// How a tool is added: the line for a terminal. Adding runs code, so it is done where the code will run, not from here.

import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/choice.tsx'
import { copy } from '../../parts/copy.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { useLoaded } from '../../parts/loaded.tsx'
import { show } from '../../parts/toast.tsx'
import { t } from './words.ts'

const kinds = ['module', 'openapi', 'mcp'] as const

/** What follows `tools add`. */
const lines: Record<(typeof kinds)[number], readonly string[]> = {
  module: ['module ./my-tools.ts'],
  openapi: ['openapi https://api.example.com/openapi.json --bearer-env EXAMPLE_KEY'],
  mcp: ['mcp files -- npx -y @modelcontextprotocol/server-filesystem ./notes', 'mcp crm https://crm.example.com/mcp'],
}

/** The dialog. */
export function AddTool({ onClose }: { onClose: () => void }) {
  const [kind, setKind] = useState<(typeof kinds)[number]>('module')
  const { value: house } = useLoaded<{ command: string }>('/v1/status')
  const take = async (line: string): Promise<void> => {
    show((await copy(line)) ? t('add.copied') : t('add.copy.failed'))
  }
  return (
    <Dialog title={t('add')} onClose={onClose}>
      <p class="sm sec tools-add-what">{t('add.what')}</p>
      <Choice
        label={t('add')}
        value={kind}
        onChoose={setKind}
        options={kinds.map((value) => ({ value, text: t(`add.${value}`) }))}
      />
      <p class="sm tools-add-what">{t(`add.${kind}.what`)}</p>
      {lines[kind]
        .map((rest) => `${house?.command ?? 'andon'} tools add ${rest}`)
        .map((line) => (
          <div key={line} class="tools-line">
            <pre lang="en">{line}</pre>
            <Button icon="copy" label={t('add.copy')} onClick={() => void take(line)} />
          </div>
        ))}
      <p class="xs mut">{t('add.then')}</p>
    </Dialog>
  )
}
