// The page's frame: the bar that is always there, the page that the address names, and what stands in front of it.

import { useEffect, useRef } from 'preact/hooks'
import { look } from './api/connection.ts'
import { keysShown, useKeys } from './keyboard.ts'
import { language } from './language.ts'
import { AnswerPage } from './pages/answer/answer.tsx'
import { AskPage } from './pages/ask/ask.tsx'
import { LibraryPage } from './pages/library/library.tsx'
import { SettingsPage } from './pages/settings/settings.tsx'
import { ToolsPage } from './pages/tools/tools.tsx'
import { announce, Announcer } from './parts/announcer.tsx'
import { Bar, TabBar } from './parts/bar.tsx'
import { KeyList } from './parts/keys.tsx'
import { Offline, SignedOut } from './parts/notice.tsx'
import { Toasts } from './parts/toast.tsx'
import { go, route } from './router.ts'
import { t } from './words.ts'

/** The whole page. */
export function App() {
  useEffect(() => void look(), [])
  useKeys({
    '?': () => void (keysShown.value = true),
    'g a': () => go('/'),
    'g l': () => go('/library'),
    'g t': () => go('/tools'),
    'g s': () => go('/settings'),
  })
  const { page } = route.value
  const first = useRef(true)
  useEffect(() => {
    const name = t(page === 'answer' ? 'ask' : page)
    document.title = `${name} · Andon`
    if (!first.current) announce(name)
    first.current = false
  }, [page, language.value])
  return (
    <>
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <Bar />
      <Offline />
      {page !== 'settings' && <SignedOut />}
      <Page />
      <TabBar />
      <Toasts />
      <KeyList />
      <Announcer />
    </>
  )
}

/** Every page renders its own `<main id="main">`. */
function Page() {
  const now = route.value
  switch (now.page) {
    case 'ask':
      return <AskPage session={now.session} />
    case 'answer':
      return <AnswerPage key={now.id} id={now.id} />
    case 'library':
      return <LibraryPage document={now.document} />
    case 'tools':
      return <ToolsPage name={now.tool} />
    case 'settings':
      return <SettingsPage />
  }
}
