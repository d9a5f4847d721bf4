// The bar: tower, tabs, the line's sentence, theme and language. On a phone the tabs stand at the bottom.

import { line, offlineSince } from '../api/connection.ts'
import { language } from '../language.ts'
import { route } from '../router.ts'
import { isDark, toggleTheme } from '../theme.ts'
import { t } from '../words.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Lamp, type LampState } from './lamp.tsx'
import './bar.css'

const tabs = [
  { page: 'ask', href: '/', icon: 'ask' },
  { page: 'library', href: '/library', icon: 'library' },
  { page: 'tools', href: '/tools', icon: 'tool' },
  { page: 'settings', href: '/settings', icon: 'settings' },
] as const satisfies { page: string; href: string; icon: IconName }[]

/** The bar at the top. */
export function Bar() {
  const { lamp, sentence } = lineState()
  return (
    <header class="bar">
      <a class="brand" href="/">
        <Tower state={lamp} />
        Andon
      </a>
      <nav class="tabs" aria-label={t('main')}>
        {tabs.map(({ page, href }) => (
          <a key={page} href={href} aria-current={isCurrent(page) ? 'page' : undefined}>
            {t(page)}
          </a>
        ))}
      </nav>
      <span class="grow" />
      <a class="row sm linestate" href="/settings">
        <Lamp state={lamp} />
        {sentence}
      </a>
      <Button
        kind="ghost"
        icon={isDark.value ? 'sun' : 'moon'}
        label={isDark.value ? t('theme.light') : t('theme.dark')}
        onClick={toggleTheme}
      />
      <button
        type="button"
        class="btn ghost"
        lang={language.value === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => (language.value = language.value === 'zh' ? 'en' : 'zh')}
      >
        {language.value === 'zh' ? 'EN' : '中文'}
      </button>
    </header>
  )
}

/** The tabs of a phone. */
export function TabBar() {
  return (
    <nav class="tabbar" aria-label={t('main')}>
      {tabs.map(({ page, href, icon }) => (
        <a key={page} href={href} aria-current={isCurrent(page) ? 'page' : undefined}>
          <Icon name={icon} size={20} />
          <span>{t(page)}</span>
        </a>
      ))}
    </nav>
  )
}

function isCurrent(page: (typeof tabs)[number]['page']): boolean {
  const now = route.value.page
  return now === page || (now === 'answer' && page === 'ask')
}

function lineState(): { lamp: LampState; sentence: string } {
  if (offlineSince.value !== undefined) return { lamp: 'silent', sentence: t('line.silent') }
  switch (line.value?.status) {
    case undefined:
      return { lamp: 'idle', sentence: t('line.asking') }
    case 'ready':
      return { lamp: 'working', sentence: t('line.ok') }
    case 'starting':
      return { lamp: 'idle', sentence: t('line.starting') }
    case 'late':
      return { lamp: 'backed-up', sentence: t('line.late') }
    case 'draining':
      return { lamp: 'draining', sentence: t('line.draining') }
    case 'not ready':
      return { lamp: 'stopped', sentence: t('line.stopped') }
  }
}

/** The tower of lamps: red above, amber, green below; one is lit, or none. */
function Tower({ state }: { state: LampState }) {
  const lit = { stopped: 0, 'backed-up': 1, draining: 1, working: 2, idle: 3, silent: 3 }[state]
  const colours = ['s-stop', 's-wait', 's-go']
  return (
    <svg class="tower" viewBox="0 0 10 24" width="10" height="24" aria-hidden="true">
      <rect class="tower-mast" x="3.5" y="1" width="3" height="22" />
      {colours.map((colour, place) => (
        <rect
          key={colour}
          class={place === lit ? `tower-lit ${colour}` : 'tower-dark'}
          x={place === lit ? 0.5 : 1}
          y={(place === lit ? 1 : 1.5) + place * 8}
          width={place === lit ? 9 : 8}
          height={place === lit ? 6 : 5}
          rx="1"
        />
      ))}
    </svg>
  )
}
