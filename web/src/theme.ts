// Light, dark, or as the system: on the root element, and kept. first.js sets the same before the first paint.

import { computed, effect, signal } from '@preact/signals'
import { kept } from './kept.ts'

/** What was chosen. */
export const theme = kept('theme', ['system', 'light', 'dark'], 'system')

const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(prefersDark.matches)
prefersDark.addEventListener('change', (event) => (systemIsDark.value = event.matches))

/** What is shown. */
export const isDark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value))

effect(() => {
  document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
})

/** Shows the other one of light and dark. */
export function toggleTheme(): void {
  theme.value = isDark.value ? 'light' : 'dark'
}
