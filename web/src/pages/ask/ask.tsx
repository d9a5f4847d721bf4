// The Ask page.

import { t } from '../../words.ts'

/** The Ask page. */
export function AskPage({ session }: { session: string | undefined }) {
  return (
    <main id="main" data-session={session}>
      <h1>{t('ask')}</h1>
    </main>
  )
}
