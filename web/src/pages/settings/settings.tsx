// Settings: what is so, in one sentence; then each thing with its state, and what to set to get more.

import { language } from '../../language.ts'
import { Failed, useLoaded } from '../../parts/loaded.tsx'
import { State } from '../../parts/lamp.tsx'
import { Here } from './here.tsx'
import { lamps, moreOf, nameOf, stateWord, whatOf, type Setting, type Status } from './setting.ts'
import { SignIn } from './sign-in.tsx'
import { Use } from './use.tsx'
import { t } from './words.ts'
import './settings.css'

const groups = ['answers', 'search', 'documents', 'capacity', 'access', 'privacy'] as const

/** How often it is read again while it is looked at. */
const everyMs = 10_000

/** The Settings page. */
export function SettingsPage() {
  const { value, error, reload } = useLoaded<Status>('/v1/status', everyMs)
  const shut = error?.status === 401
  const status = shut ? undefined : value
  return (
    <main id="main" class="settings">
      {shut && <SignIn error={error} />}
      {!shut && status === undefined && <h1 class="vh">Andon</h1>}
      {!shut && status === undefined && error && <Failed error={error} again={reload} />}
      {status && <Summary settings={status.settings} />}
      {status &&
        groups.map((group) => (
          <Group
            key={group}
            name={t(`group.${group}`)}
            status={status}
            settings={status.settings.filter((each) => each.group === group)}
          />
        ))}
      {status && <Use usage={status.usage} />}
      <Here />
    </main>
  )
}

function Summary({ settings }: { settings: Setting[] }) {
  const broken = settings.filter(({ state }) => state === 'broken').map((each) => nameOf(each).text)
  const waiting = settings.find(({ state }) => state === 'waiting')?.values?.['waiting']
  const writes = settings.some(({ key, state }) => key === 'model' && state !== 'off')
  const sentence =
    broken.length > 0
      ? t('all.broken', { what: broken.join(language.value === 'zh' ? '、' : ', ') })
      : typeof waiting === 'number'
        ? t('all.waiting', { n: waiting })
        : t('all.ok')
  const lead = broken.length > 0 ? t('lead.broken') : writes ? t('lead.written') : t('lead.passages')
  return (
    <>
      <h1 class="num">{sentence}</h1>
      <p class="lead">{lead}</p>
    </>
  )
}

function Group({ name, settings, status }: { name: string; settings: Setting[]; status: Status }) {
  if (settings.length === 0) return null
  return (
    <section>
      <h2>{name}</h2>
      <div class="panel rows num">
        {settings.map((setting) => {
          const [called, what, more] = [nameOf(setting), whatOf(setting), moreOf(setting)]
          return (
            <div key={setting.key} data-key={setting.key}>
              <h3 lang={called.lang}>{called.text}</h3>
              <State state={lamps[setting.state]}>{stateWord(setting)}</State>
              <p>
                <span lang={what.lang}>{what.text}</span>
                {setting.key === 'places' && now(status)}
              </p>
              <p class="sec" lang={more?.lang}>
                {more && withCode(more.text)}
              </p>
            </div>
          )
        })}
      </div>
    </section>
  )
}

/** How many places are taken now. */
function now({ limits }: Status): string {
  const lane = limits.now?.question
  const space = language.value === 'zh' ? '' : ' '
  return lane === undefined ? '' : space + t('now', { a: lane.running, b: limits.questionsAtOnce, c: lane.waiting })
}

/** Names of options, variables and commands stand out. */
function withCode(text: string) {
  return text
    .split(
      /((?:ANDON|OPENAI)_[A-Z_]+|"andon [^"]+"|andon keys create[ \w-]*\w|\b[a-z]+\.[a-z]\w+|\b(?:origins|host|dataDir)\b)/,
    )
    .map((piece, index) => (index % 2 === 0 ? piece : <code key={index}>{piece.replaceAll('"', '')}</code>))
}
