// How the house is set up: one sentence for each thing that can be set, and what to set to get more.

import { answering, searching } from './answers.ts'
import { caches } from './caches.ts'
import { documents } from './documents.ts'
import { access, capacity, privacy } from './door.ts'
import type { Setting, SettingsParts } from './setting.ts'
import { tools } from './tools.ts'

/** All settings, in the order of a page. */
export function settingsOf(parts: SettingsParts): Setting[] {
  return [
    ...answering(parts),
    ...tools(parts),
    ...searching(parts),
    ...caches(parts),
    ...documents(parts),
    ...capacity(parts),
    ...access(parts),
    ...privacy(parts),
  ]
}
