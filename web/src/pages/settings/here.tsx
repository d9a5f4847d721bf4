// What this browser does for itself: language, theme, keys, and who it says it is.

import { key, signIn, signOut } from '../../api/key.ts'
import { shortcuts } from '../../keyboard.ts'
import { language } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/choice.tsx'
import { useLoaded } from '../../parts/loaded.tsx'
import { theme } from '../../theme.ts'
import { KeyField } from './sign-in.tsx'
import { t } from './words.ts'

interface Me {
  kind: 'anonymous' | 'key' | 'token'
  name: string
  tenant: string
  scopes: ('ask' | 'load' | 'admin')[]
}

/** The last group. */
export function Here() {
  const { value: me, error } = useLoaded<Me>('/v1/me')
  const known = error?.status === 401 ? undefined : me
  return (
    <section>
      <h2>{t('group.here')}</h2>
      <div class="panel rows here">
        <div>
          <h3>{t('language')}</h3>
          <Choice
            label={t('language')}
            value={language.value}
            onChoose={(chosen) => (language.value = chosen)}
            options={[
              { value: 'en', text: 'English', lang: 'en' },
              { value: 'zh', text: '简体中文', lang: 'zh-CN' },
            ]}
          />
        </div>
        <div>
          <h3>{t('theme')}</h3>
          <Choice
            label={t('theme')}
            value={theme.value}
            onChoose={(chosen) => (theme.value = chosen)}
            options={(['system', 'light', 'dark'] as const).map((value) => ({ value, text: t(`theme.${value}`) }))}
          />
        </div>
        <div>
          <h3>{t('keys')}</h3>
          <Choice
            label={t('keys')}
            value={shortcuts.value}
            onChoose={(chosen) => (shortcuts.value = chosen)}
            options={(['on', 'off'] as const).map((value) => ({ value, text: t(`keys.${value}`) }))}
          />
          <p class="sec">{t('keys.what')}</p>
        </div>
        {known && (
          <div>
            <h3>{t('who')}</h3>
            <span class="who">{known.kind === 'anonymous' ? t('who.nobody') : known.name}</span>
            <p class="sec">
              {known.kind === 'anonymous'
                ? t('who.what')
                : t('who.tenant', {
                    tenant: known.tenant,
                    scopes: known.scopes.map((scope) => t(`scope.${scope}`)).join(', '),
                  })}
            </p>
          </div>
        )}
        {known && (
          <div>
            <h3>{t('key')}</h3>
            {key.value === undefined ? <KeyField onKey={signIn} /> : <Button onClick={signOut}>{t('sign-out')}</Button>}
            <p class="sec">{t('key.what')}</p>
          </div>
        )}
      </div>
    </section>
  )
}
