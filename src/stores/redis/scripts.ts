// What Redis does with one session in one step. KEYS are always head, turns and asked; the head holds `version`, `turns`,
// `bytes`, `first`, `at` (Unix ms of the last turn), `title`, `removed` (Unix ms), `recap` and `recapped` (turns it tells
// of). The clock is that of Redis, so that all processes have the same.

import { script } from '../../redis/connection.ts'

const now = `
local time = redis.call('TIME')
local at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))`

const keep = (ttl: string): string => `for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ${ttl}) end`

/**
 * ARGV version most-turns most-bytes ttl-ms first asked bytes originals turn… → {'kept', version, Unix ms} |
 * {'version', version} | {'turns', turns} | {'bytes', bytes}. Originals: how the turns are written, a line each, that the
 * new ones are versions of. The first write is one that a full Redis refuses: it does all or nothing.
 */
export const append = script(`
local head = redis.call('HMGET', KEYS[1], 'version', 'turns', 'bytes')
local version, turns, bytes = tonumber(head[1] or 0), tonumber(head[2] or 0), tonumber(head[3] or 0)
if version ~= tonumber(ARGV[1]) then return {'version', version} end
if turns + #ARGV - 8 > tonumber(ARGV[2]) then return {'turns', turns} end
if bytes + tonumber(ARGV[7]) > tonumber(ARGV[3]) then return {'bytes', bytes} end
${now}
redis.call('HSET', KEYS[1], 'version', version + 1, 'turns', turns + #ARGV - 8, 'bytes', bytes + ARGV[7], 'at', at)
redis.call('HSETNX', KEYS[1], 'first', ARGV[5])
redis.call('HDEL', KEYS[1], 'removed')
local recapped = ARGV[8] ~= '' and tonumber(redis.call('HGET', KEYS[1], 'recapped') or 0) or 0
if recapped > 0 then
  for _, turn in ipairs(redis.call('LRANGE', KEYS[2], 0, recapped - 1)) do
    for original in string.gmatch(ARGV[8], '[^\\n]+') do
      if string.find(turn, original, 1, true) then redis.call('HDEL', KEYS[1], 'recap', 'recapped') end
    end
  end
end
for index = 9, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[index]) end
if ARGV[6] ~= '' then redis.call('APPEND', KEYS[3], ARGV[6]) end
${keep('ARGV[4]')}
return {'kept', version + 1, at}`)

/**
 * ARGV ttl-ms first-turn (less than 0: from the end) → {version, Unix ms, title, removed, turns, recap, recapped, {turn…}};
 * version is nil when there is none.
 */
export const read = script(`
local head = redis.call('HMGET', KEYS[1], 'version', 'at', 'title', 'removed', 'turns', 'recap', 'recapped')
${keep('ARGV[1]')}
return {head[1], head[2], head[3], head[4], head[5], head[6], head[7], redis.call('LRANGE', KEYS[2], ARGV[2], -1)}`)

/** ARGV version recap recapped → 1 | 0 */
export const recap = script(`
local head = redis.call('HMGET', KEYS[1], 'version', 'removed', 'turns', 'recapped')
local recapped = tonumber(ARGV[3])
if head[1] ~= ARGV[1] or head[2] or recapped > tonumber(head[3]) or recapped <= tonumber(head[4] or 0) then return 0 end
redis.call('HSET', KEYS[1], 'recap', ARGV[2], 'recapped', ARGV[3])
return 1`)

/** ARGV ttl-ms title → 1 | 0 */
export const rename = script(`
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'removed') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'title', ARGV[2])
${keep('ARGV[1]')}
return 1`)

/** → 1 | 0 */
export const remove = script(`
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'removed') == 1 then return 0 end
${now}
redis.call('HSET', KEYS[1], 'removed', at)
return 1`)

/** ARGV ttl-ms → 1 | 0 */
export const restore = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[1], 'removed')
${keep('ARGV[1]')}
return 1`)

/** ARGV '' or Unix ms: only when it was removed before. → 1 | 0 */
export const forget = script(`
local removed = redis.call('HGET', KEYS[1], 'removed')
if ARGV[1] ~= '' and not (removed and tonumber(removed) < tonumber(ARGV[1])) then return 0 end
return math.min(1, redis.call('DEL', unpack(KEYS)))`)
