// The door: how much at once, who is let in, and what goes out.

import { redisAddresses } from '../../options-cache.ts'
import { listOf } from '../../options-tools.ts'
import { hostOf, type Setting, type SettingsParts } from './setting.ts'

/** How much at once and in a minute. */
export function capacity({ options: { limits } }: SettingsParts): Setting[] {
  const { questionsAtOnce, questionsWaiting, loadsAtOnce, loadsWaiting, tenantPerMinute, keyPerMinute } = limits
  const rates = [
    ...(tenantPerMinute === undefined ? [] : [`${tenantPerMinute} requests a minute for each tenant`]),
    ...(keyPerMinute === undefined ? [] : [`${keyPerMinute} for each key`]),
  ]
  return [
    {
      key: 'places',
      group: 'capacity',
      name: 'At once',
      state: 'ok',
      what: `${questionsAtOnce} questions are answered at once and ${questionsWaiting} wait; ${loadsAtOnce} uploads are received at once and ${loadsWaiting} wait.`,
      more: 'Set limits.questionsAtOnce, limits.questionsWaiting, limits.loadsAtOnce or limits.loadsWaiting.',
      values: { questionsAtOnce, questionsWaiting, loadsAtOnce, loadsWaiting },
    },
    {
      key: 'rate',
      group: 'capacity',
      name: 'In a minute',
      state: rates.length === 0 ? 'off' : 'ok',
      what: rates.length === 0 ? 'Requests are not counted by the minute.' : `There may be ${rates.join(' and ')}.`,
      more: 'Set limits.tenantPerMinute or limits.keyPerMinute.',
      values: { tenantPerMinute: tenantPerMinute ?? null, keyPerMinute: keyPerMinute ?? null },
    },
  ]
}

/** Who is let in. */
export function access({ options: { auth, origins }, local }: SettingsParts): Setting[] {
  const anonymous = local && !auth.required
  const issuer = hostOf(auth.jwksUrl)
  const tokens = issuer === undefined ? '' : `, or a token of ${issuer}`
  return [
    {
      key: 'sign-in',
      group: 'access',
      name: 'Sign-in',
      state: 'ok',
      what: anonymous
        ? `From this machine nobody needs a key; from elsewhere the door is not reached${tokens && `. Programs may bring a key${tokens}`}.`
        : `Everybody needs a key${tokens}.`,
      more: anonymous
        ? 'Set host to let others in, who then need keys; set auth.required to need them here too.'
        : '"andon keys create --name me" makes a key. Set auth.jwksUrl, auth.issuer and auth.audience for tokens.',
      values: { anonymous, keys: true, tokens: issuer ?? null },
    },
    {
      key: 'origins',
      group: 'access',
      name: 'Other web pages',
      state: origins === undefined ? 'off' : 'ok',
      what:
        origins === undefined
          ? 'No other web page may use the API from a browser.'
          : `${origins} may use the API from a browser.`,
      more: 'Set origins to the web pages that may.',
      values: { origins: origins ?? null },
    },
  ]
}

/** What is sent elsewhere, and where; unknown without the options of the whole house. */
export function privacy({ house, options }: SettingsParts): Setting[] {
  if (!house) return []
  const outside = [
    ...[house.models.baseUrl, ...house.models.endpoints.map(({ url }) => url)]
      .concat(house.models.discover.map(({ endpoint }) => endpoint.url))
      .map((url) => ({ what: 'questions and passages', host: hostOf(url) })),
    { what: 'passages and questions for vectors', host: hostOf(house.embedder?.url) },
    { what: 'passages and questions for ranking', host: hostOf(house.reranker?.url) },
    { what: 'conversations', host: hostOf(house.sessions.redisUrl) },
    ...redisAddresses(house.cache.redisUrl ?? '').map((url) => ({ what: 'answers and vectors', host: hostOf(url) })),
    { what: 'requests for signing keys', host: hostOf(options.auth.jwksUrl) },
    ...listOf(house.tools.httpHosts).map((host) => ({ what: 'calls of http_get', host })),
    ...house.tools.openapi.map(({ name, baseUrl }) => ({ what: `calls of ${name}`, host: hostOf(baseUrl) })),
    ...house.tools.mcp.map(({ name, url }) => ({ what: `calls of ${name}`, host: hostOf(url) })),
  ].flatMap(({ what, host }) => (host === undefined ? [] : [{ what, host }]))
  const told = outside.map(({ what, host }) => `${what} to ${host}`).join('; ')
  return [
    {
      key: 'outside',
      group: 'privacy',
      name: 'What is sent elsewhere',
      state: 'ok',
      what: outside.length === 0 ? 'Nothing leaves this process.' : `Andon sends ${told}.`,
      values: { hosts: [...new Set(outside.map(({ host }) => host))] },
    },
  ]
}
