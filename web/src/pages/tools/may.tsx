// What a tool may do: never, after a question, or always; whether answers are offered it; and what holds it in anyway.

import { useState } from 'preact/hooks'
import type { ToolPermission, ToolView } from '../../../../src/core/tooling.ts'
import { ApiError, sendJson } from '../../api/client.ts'
import { bytes, timeLimit } from '../../language.ts'
import { Choice } from '../../parts/choice.tsx'
import { Lamp } from '../../parts/lamp.tsx'
import { show } from '../../parts/toast.tsx'
import { t } from './words.ts'

type Change = { enabled?: boolean; permission?: ToolPermission }

/** The last part of a tool's page. */
export function May({
  tool,
  mayChange,
  onChanged,
}: {
  tool: ToolView
  mayChange: boolean
  onChanged: (tool: ToolView) => void
}) {
  const { name, permission, enabled, limits, traits, trust } = tool
  const [error, setError] = useState<string | undefined>()
  /** `said` is shown when it is done, with the way `back`. */
  const change = async (to: Change, said?: { what: string; back: Change }): Promise<void> => {
    setError(undefined)
    try {
      onChanged(await sendJson<ToolView>('PATCH', `/v1/tools/${encodeURIComponent(name)}`, to))
      if (said) show(t('may.saved', { name, what: said.what }), () => change(said.back))
    } catch (reason) {
      setError(reason instanceof ApiError ? reason.detail : String(reason))
      // What was chosen and not kept is shown as it is.
      onChanged({ ...tool })
    }
  }
  const facts = [
    ...(traits.readOnly ? [t('trait.readOnly')] : []),
    ...(traits.destructive ? [t('trait.destructive')] : []),
    ...(traits.network ? [t('trait.network')] : []),
    ...(trust === 'untrusted' ? [t('trait.untrusted')] : []),
    ...(limits.memoryMb === undefined ? [] : [t('may.memory', { n: limits.memoryMb })]),
    t('may.within', { t: timeLimit(limits.timeoutMs), b: bytes(limits.outputBytes) }),
  ]
  return (
    <section>
      <h2>{t('may')}</h2>
      <div class="panel tools-may num">
        <div>
          <h3>{t('may.run')}</h3>
          <p class="sec">{facts.join(' · ')}</p>
          <Choice
            label={t('may.run')}
            value={permission}
            disabled={!mayChange}
            onChoose={(chosen) =>
              void change({ permission: chosen }, { what: t(`may.${chosen}`), back: { permission } })
            }
            options={(['deny', 'ask', 'allow'] as const).map((value) => ({ value, text: t(`may.${value}`) }))}
          />
        </div>
        <div>
          <h3>{t('may.on')}</h3>
          <p class="sec" />
          <Choice
            label={t('may.on')}
            value={enabled ? 'on' : 'off'}
            disabled={!mayChange}
            onChoose={(chosen) =>
              void change(
                { enabled: chosen === 'on' },
                { what: t(chosen === 'on' ? 'may.switch' : 'may.off'), back: { enabled } },
              )
            }
            options={[
              { value: 'off', text: t('may.off') },
              { value: 'on', text: t('may.switch') },
            ]}
          />
        </div>
      </div>
      {!mayChange && <p class="xs mut tools-beneath">{t('may.forbidden')}</p>}
      {error !== undefined && (
        <p class="sm tools-beneath row" role="alert">
          <Lamp state="stopped" />
          {error}
        </p>
      )}
    </section>
  )
}
