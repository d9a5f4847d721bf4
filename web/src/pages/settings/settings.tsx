// The Settings page.

import { t } from '../../words.ts'

/** The Settings page. */
export function SettingsPage() {
  return (
    <main id="main">
      <h1>{t('settings')}</h1>
    </main>
  )
}
