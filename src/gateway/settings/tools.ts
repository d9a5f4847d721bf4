// Tools: what models may do beside writing, and what a person is asked about.

import { listOf, toolsByDefault } from '../../options-tools.ts'
import { part, type Setting, type SettingsParts } from './setting.ts'

/** Which tools there are, and what they may read. */
export function tools({ health, house }: SettingsParts): Setting[] {
  if (!house) return []
  const offered = toolsByDefault(house.tools.offer)
  const off = offered === false || (Array.isArray(offered) && offered.length === 0)
  const broken = health.parts.filter(({ name, ok }) => !ok && name.startsWith('tools'))
  const which = Array.isArray(offered) ? `${offered.join(', ')}, when they are ready` : 'all that are switched on'
  const hosts = listOf(house.tools.httpHosts)
  return [
    {
      key: 'tools',
      group: 'answers',
      name: 'Tools',
      state: broken.length > 0 ? 'broken' : off ? 'off' : 'ok',
      what:
        broken[0]?.message ??
        (off
          ? 'Models are offered no tools.'
          : `Models may call ${which}. ${part(health, 'tools')?.message ?? ''}`.trim()),
      more: 'Set tools.offer to say which; "andon tools add" adds further ones.',
      values: { offer: house.tools.offer },
    },
    {
      key: 'tools-web',
      group: 'answers',
      name: 'Reading addresses',
      state: hosts.length === 0 ? 'off' : 'ok',
      what:
        hosts.length === 0
          ? 'No tool of Andon reads addresses.'
          : `http_get reads ${hosts.join(', ')}, and asks a person first.`,
      more: 'Set tools.httpHosts to the hosts that it may read.',
      values: { hosts },
    },
  ]
}
