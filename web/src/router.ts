// Which page is shown, told from the address. Plain `<a href>` links within the page change it without a new load.

import { computed, signal } from '@preact/signals'

export type Route =
  | { page: 'ask'; session?: string }
  | { page: 'answer'; id: string }
  | { page: 'library'; document?: string }
  | { page: 'tools'; tool?: string }
  | { page: 'settings' }

const address = signal(here())

/** The page that the address names; an address that names none is Ask. */
export const route = computed<Route>(() => routeOf(new URL(address.value, location.origin).pathname))

/** What stands behind `?` in the address. */
export const query = computed(() => new URL(address.value, location.origin).searchParams)

/** The page of a path. */
export function routeOf(path: string): Route {
  const [first = '', second = ''] = path.split('/').slice(1).map(decoded)
  if (first === 's' && second !== '') return { page: 'ask', session: second }
  if (first === 'answers' && second !== '') return { page: 'answer', id: second }
  if (first === 'library') return second === '' ? { page: 'library' } : { page: 'library', document: second }
  if (first === 'tools') return second === '' ? { page: 'tools' } : { page: 'tools', tool: second }
  if (first === 'settings') return { page: 'settings' }
  return { page: 'ask' }
}

/** Shows another page. `replace` puts its address in this one's place instead of behind it. */
export function go(to: string, options: { replace?: boolean } = {}): void {
  const next = new URL(to, location.origin)
  const target = next.pathname + next.search + next.hash
  if (target === here()) return
  if (options.replace) history.replaceState(null, '', target)
  else history.pushState(null, '', target)
  const samePage = new URL(address.value, location.origin).pathname === next.pathname
  address.value = target
  if (!samePage && !options.replace) scrollTo(0, 0)
}

addEventListener('popstate', () => (address.value = here()))

document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return
  const withinPage = link.hash !== '' && link.pathname === location.pathname && link.search === location.search
  if (withinPage || link.origin !== location.origin || /^\/(v1|health|metrics|openapi)/.test(link.pathname)) return
  event.preventDefault()
  go(link.href)
})

function here(): string {
  return location.pathname + location.search + location.hash
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
