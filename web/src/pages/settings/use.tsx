// What the reader has used, and may use.

import type { TenantUsage } from '../../../../src/core/factory.ts'
import { bytes, number } from '../../language.ts'
import { State } from '../../parts/lamp.tsx'
import { t } from './words.ts'

/** Three rows: documents, their size, questions of today. */
export function Use({ usage }: { usage: TenantUsage }) {
  return (
    <section>
      <h2>{t('group.use')}</h2>
      <div class="panel rows num">
        {(['documents', 'bytes', 'questions'] as const).map((key) => {
          const { used, limit } = usage[key]
          const said = key === 'bytes' ? bytes : number
          const full = limit !== undefined && used >= limit
          return (
            <div key={key}>
              <h3>{t(key)}</h3>
              {full ? (
                <State state="backed-up">{t('used.up')}</State>
              ) : (
                <span class="used">
                  {limit === undefined ? said(used) : t('of', { a: said(used), b: said(limit) })}
                </span>
              )}
              {limit === undefined ? (
                <p>{t('no.limit')}</p>
              ) : (
                <progress
                  aria-label={t(key)}
                  max={limit}
                  value={Math.min(used, limit)}
                  class={full ? 'full' : undefined}
                />
              )}
              <p class="sec">
                {limit === undefined
                  ? ''
                  : !full
                    ? t('left', { n: said(limit - used) })
                    : key === 'questions'
                      ? t('used.up.questions')
                      : t('used.up.what')}
              </p>
            </div>
          )
        })}
      </div>
    </section>
  )
}
