// Before the first question: what to do, in three steps, and two questions that the sample handbook answers.

import { useId } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { collections } from './scope.ts'
import { t } from './words.ts'

const samples = [
  { lang: 'en', question: 'What does a semaphore count?', from: 'from the sample handbook' },
  { lang: 'zh-CN', question: '死锁的四个必要条件是什么？', from: '取自示例手册' },
]

/** What is shown where a conversation will be. */
export function Empty({ onAsk }: { onAsk: (question: string) => void }) {
  const id = useId()
  const found = collections.value ?? []
  const isBare = found.every(({ collection }) => collection === 'handbook')
  return (
    <section class="empty" aria-labelledby={id}>
      <h2 class="q" id={id}>
        {isBare ? t('empty.title') : t('empty.ready')}
      </h2>
      <ol>
        <li>
          <h3>
            1. <a href="/library">{t('empty.1')}</a>
          </h3>
          {t('empty.1.text')}
        </li>
        <li>
          <h3>2. {t('empty.2')}</h3>
          {t('empty.2.text')}
        </li>
        <li>
          <h3>3. {t('empty.3')}</h3>
          {t('empty.3.text')}
        </li>
      </ol>
      {found.some(({ collection, documents }) => collection === 'handbook' && documents > 0) && (
        <div class="next">
          {samples.map(({ lang, question, from }) => (
            <button key={lang} type="button" lang={lang} onClick={() => onAsk(question)}>
              <Icon name="follow" />
              <span class="grow">{question}</span>
              <span class="xs mut">{from}</span>
            </button>
          ))}
        </div>
      )}
    </section>
  )
}
