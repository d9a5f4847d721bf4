import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nodeName, redisAddresses } from './options-cache.ts'
import { redact } from './options.ts'
import { parseOptions } from './parse-options.ts'

it('cache.redisUrl is one address or several, and none of them is shown with its password', () => {
  const redisUrl = 'redis://:a,b@one.example:6380/2, rediss://me:secret@two.example'
  const { cache } = parseOptions({ cache: { redisUrl } })
  assert.deepEqual(redisAddresses(cache.redisUrl ?? ''), [
    'redis://:a,b@one.example:6380/2',
    'rediss://me:secret@two.example',
  ])
  assert.deepEqual(redisAddresses(redisUrl).map(nodeName), ['one.example:6380/2', 'two.example:6379/0'])
  assert.equal(
    redact(parseOptions({ cache: { redisUrl } })).cache.redisUrl,
    'redis://(set)@one.example:6380/2,rediss://(set)@two.example',
  )
  assert.equal(redact(parseOptions({})).cache.redisUrl, undefined)
  for (const [wrong, says] of [
    ['http://me:secret@one.example', /cache\.redisUrl.*it must be redis:\/\/ or rediss:\/\/ addresses/],
    ['redis://one.example,two.example', /cache\.redisUrl/],
    ['redis://me:secret@one.example,redis://one.example:6379/0', /it must be one address or several different ones/],
    ['', /cache\.redisUrl/],
  ] as const)
    assert.throws(
      () => parseOptions({ cache: { redisUrl: wrong } }),
      ({ message }: Error) => says.test(message) && !message.includes('secret'),
      wrong,
    )
})
