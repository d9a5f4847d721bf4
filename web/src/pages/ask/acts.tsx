// What can be done with an answer: copied, asked again, looked into; and what it took.

import { duration } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { copy } from '../../parts/copy.ts'
import { Icon } from '../../parts/icon.tsx'
import { show as toast } from '../../parts/toast.tsx'
import type { Asked } from './conversation.ts'
import { copyOf } from './copied.ts'
import type { Told } from './telling.ts'
import type { Version } from './version.ts'
import { t } from './words.ts'

/** The row beneath an answer. */
export function Acts({
  asked,
  told,
  version,
  onRetry,
}: {
  asked: Asked
  told: Told
  version: Version
  onRetry: () => void
}) {
  const count = asked.versions.value.length
  const shown = asked.shown.value
  const model = told.end?.model
  const { usage } = told
  const copyIt = async (): Promise<void> => {
    const sources = told.citations.length
    const done = await copy(copyOf(told, version.leftOut.value))
    toast(done ? (sources === 0 ? t('copied.alone') : t('copied', { n: sources })) : t('copy.failed'))
  }
  return (
    <div class="acts">
      {told.text !== '' && (
        <Button kind="ghost" icon="copy" onClick={() => void copyIt()}>
          {t('copy')}
        </Button>
      )}
      <Button kind="ghost" icon="retry" onClick={onRetry}>
        {t('retry')}
      </Button>
      {told.id !== undefined && (
        <a class="btn ghost" href={`/answers/${encodeURIComponent(told.id)}`}>
          <Icon name="trace" />
          {t('trace')}
          {told.totalMs !== undefined && <span class="mut num">{duration(told.totalMs)}</span>}
        </a>
      )}
      {count > 1 && (
        <span class="versions row" role="group" aria-label={t('version', { a: shown + 1, b: count })}>
          <Button
            kind="ghost"
            icon="left"
            label={t('version.previous')}
            disabled={shown === 0}
            onClick={() => (asked.shown.value = shown - 1)}
          />
          <span class="sm mut num">
            {shown + 1}/{count}
          </span>
          <Button
            kind="ghost"
            icon="right"
            label={t('version.next')}
            disabled={shown === count - 1}
            onClick={() => (asked.shown.value = shown + 1)}
          />
        </span>
      )}
      <span class="grow" />
      {usage && told.end?.mode !== 'extractive' && (
        <span class="xs mut num">
          {model === undefined ? '' : `${model} · `}
          {t('tokens', { n: usage.completionTokens })}
        </span>
      )}
    </div>
  )
}
