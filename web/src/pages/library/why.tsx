// Why a document is not ready, and what to do about it: what the server says of its job, and what happened to it.

import { useEffect, useState } from 'preact/hooks'
import type { DocumentInfo } from '../../../../src/core/document.ts'
import type { JobStory } from '../../../../src/core/factory.ts'
import { ApiError, getJson } from '../../api/client.ts'
import { clock, day } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Failed } from '../../parts/loaded.tsx'
import { newestJob } from './acts.ts'
import { t } from './words.ts'

export interface WhyProps {
  document: DocumentInfo
  mayChange: boolean
  onRetry: () => void
  onRemove: () => void
  onClose: () => void
}

/** The dialog. */
export function Why({ document, mayChange, onRetry, onRemove, onClose }: WhyProps) {
  const [story, setStory] = useState<JobStory | 'none' | undefined>()
  const [error, setError] = useState<ApiError | undefined>()
  useEffect(() => {
    void (async () => {
      const job = await newestJob(document.id)
      setStory(job ? await getJson<JobStory>(`/v1/jobs/${encodeURIComponent(job.id)}`) : 'none')
    })().catch((reason: unknown) => reason instanceof ApiError && setError(reason))
  }, [document.id])
  const act = (what: () => void) => (): void => {
    onClose()
    what()
  }
  const actions = mayChange && (
    <>
      <Button kind="primary" icon="retry" onClick={act(onRetry)}>
        {t('retry')}
      </Button>
      <Button icon="trash" onClick={act(onRemove)}>
        {t('remove')}
      </Button>
    </>
  )
  return (
    <Dialog title={document.name} onClose={onClose} actions={actions}>
      <div class="lib-why">
        {(story === 'none' || error) && document.reason && <p lang="en">{document.reason}</p>}
        {error && error.status !== 403 && <Failed error={error} />}
        {story === 'none' && <p class="sec">{t('story.none')}</p>}
        {story !== undefined && story !== 'none' && <Story story={story} reason={document.reason} />}
      </div>
    </Dialog>
  )
}

function Story({ story: { sentences, history }, reason }: { story: JobStory; reason: string | undefined }) {
  const told = sentences.filter((sentence) => sentence !== reason)
  return (
    <>
      {told.length > 0 && <h3>{t('story.now')}</h3>}
      {told.map((sentence) => (
        <p key={sentence} lang="en">
          {sentence}
        </p>
      ))}
      <h3>{t('story.before')}</h3>
      <ol class="num">
        {history.map(({ at, event, detail }, index) => (
          <li key={index}>
            <time dateTime={new Date(at).toISOString()} title={day(at)}>
              {clock(at, true)}
            </time>
            <span lang="en">
              {event}
              {detail !== undefined && detail !== reason && <span class="sec">: {detail}</span>}
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}
