// What kept an answer from being made, or from its end: what happened, what still works, and the one thing to do.

import { offlineSince } from '../../api/connection.ts'
import { clock, langOfText } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { Countdown, Notice } from '../../parts/notice.tsx'
import type { Hindrance, Told } from './telling.ts'
import { joined, ordinal, t } from './words.ts'

/** Why a question is not asked yet. */
export function Hindered({
  hindrance,
  onNow,
  onCancel,
}: {
  hindrance: Hindrance
  onNow: () => void
  onCancel: () => void
}) {
  const { kind, at, places, ahead, detail, retryMs } = hindrance
  const cancel = (
    <Button kind="ghost" onClick={onCancel}>
      {t('cancel')}
    </Button>
  )
  if (kind === 'offline')
    return (
      <Notice
        state={{ lamp: 'silent', word: t('offline.asked') }}
        title={offlineSince.value === undefined ? t('live.back') : `${t('live.back')} · ${clock(offlineSince.value)}`}
        actions={cancel}
      >
        {t('offline.kept')}
      </Notice>
    )
  if (kind === 'sign-in')
    return (
      <Notice
        state={{ lamp: 'idle', word: t('signin') }}
        title={t('signin.kept')}
        actions={
          <>
            <a class="btn pri" href="/settings#key">
              {t('signin.do')}
            </a>
            {cancel}
          </>
        }
      />
    )
  return (
    <Notice
      state={{ lamp: 'backed-up', word: busyWords(places) }}
      actions={
        <>
          <Button onClick={onNow}>{t('busy.now')}</Button>
          {cancel}
        </>
      }
    >
      <Countdown key={at} ms={retryMs} onDone={onNow}>
        {(seconds) => (
          <>
            <h3>{t('busy.again', { s: seconds })}</h3>
            <p>
              {places === undefined && <span lang={langOfText(detail)}>{detail} </span>}
              {joined([...(ahead === undefined ? [] : [t('busy.place', { a: ordinal(ahead + 1) })]), t('busy.kept')])}
            </p>
          </>
        )}
      </Countdown>
    </Notice>
  )
}

/** Why an answer has no end of its own. */
export function Broken({ told, onRetry }: { told: Told; onRetry: () => void }) {
  const { phase, error, id, checked, text } = told
  const failure = told.degraded.find(({ reason }) => reason === 'model-failed' || reason === 'model-slow')
  const isMidway = phase === 'done' && failure !== undefined && told.end?.mode === 'generated'
  if (phase !== 'failed' && phase !== 'stopped' && !isMidway) return null
  const message = isMidway ? failure.message : (error?.message ?? '')
  const trace = id !== undefined && <a href={`/answers/${encodeURIComponent(id)}`}>{t('trace')}</a>
  if (phase === 'stopped')
    return (
      <Notice
        state={{ lamp: 'stopped', word: t('stopped') }}
        actions={
          <>
            <Button onClick={onRetry}>{t('over')}</Button>
            {trace}
          </>
        }
      >
        {text !== '' && t('stopped.text')}
      </Notice>
    )
  return (
    <Notice
      state={{
        lamp: 'stopped',
        word: text === '' ? t('failed') : t('midway.after', { n: checked.length }),
      }}
      title={isMidway || text !== '' ? t('midway') : message}
      actions={
        <>
          <Button onClick={onRetry}>{text === '' ? t('again') : t('over')}</Button>
          {trace}
        </>
      }
    >
      {text === '' ? null : (
        <>
          {message !== '' && <span lang={langOfText(message)}>{message} </span>}
          {joined([t('midway.stays'), ...(isMidway ? [] : [t('midway.never')])])}
        </>
      )}
    </Notice>
  )
}

function busyWords(places: number | undefined): string {
  if (places === undefined) return t('busy.other')
  return places === 1 ? t('busy.one') : t('busy', { n: places })
}
