// What Redis does in one step for the second level. The keys of one entry share a hash tag, and so a slot: the value,
// its lease (`:l`), the mark that somebody waits (`:w`), its stream (`:s`) and drafts of a large value (`:d:` and a token).

import { script } from '../redis/connection.ts'

/** KEYS value lease waits; ARGV token lease-ms besides. → {1, value} | {2, µs since 1970} | {3, ms left of the lease} */
export const lead = script(`
local value = redis.call('GET', KEYS[1])
if value and (ARGV[3] == '' or string.sub(value, 1, #ARGV[3]) ~= ARGV[3]) then return {1, value} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  local time = redis.call('TIME')
  return {2, time[1] .. string.format('%06d', tonumber(time[2]))}
end
redis.call('SET', KEYS[3], '1', 'PX', 1000)
return {3, redis.call('PTTL', KEYS[2])}`)

/** KEYS lease; ARGV token lease-ms. → 1 | 0 */
export const renew = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

/** KEYS value lease; ARGV token bytes ms channel message. → 1 | 0. The lease ends even when there is no room for the value. */
export const commit = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local stored = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', ARGV[4], ARGV[5])
if type(stored) == 'table' and stored.err then return stored end
return 1`)

/** The same for a value that lies in a draft: KEYS value lease draft; ARGV token ms channel message. → 1 | 0 */
export const commitDraft = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  redis.call('DEL', KEYS[3])
  return 0
end
local stored = redis.call('EXISTS', KEYS[3])
if stored == 1 then
  redis.call('RENAME', KEYS[3], KEYS[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return stored`)

/** KEYS lease; ARGV token channel message. → 1 | 0 */
export const release = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`)

/**
 * KEYS tag; ARGV µs for one that has no generation ('' for now), ms to keep it. → generation
 */
export const generation = script(`
local held = redis.call('GET', KEYS[1])
if not held then
  held = ARGV[1]
  if held == '' then
    local time = redis.call('TIME')
    held = time[1] .. string.format('%06d', tonumber(time[2]))
  end
  redis.call('SET', KEYS[1], held, 'PX', ARGV[2])
end
return held`)

/** KEYS tag; ARGV ms to keep it. → the new generation, larger than any before */
export const renewGeneration = script(`
local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', tonumber(time[2]))
local held = redis.call('GET', KEYS[1])
if held and tonumber(held) >= tonumber(now) then now = string.format('%.0f', tonumber(held) + 1) end
redis.call('SET', KEYS[1], now, 'PX', ARGV[1])
return now`)

/**
 * KEYS lease stream; ARGV token ms channel mark item…. → 1 | 0. The first field says what an element is: b(egin), i(tem)
 * or e(nd).
 */
export const append = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[4] == 'begin' then
  redis.call('DEL', KEYS[2])
  redis.call('XADD', KEYS[2], '*', 'b', '')
end
for at = 5, #ARGV do redis.call('XADD', KEYS[2], '*', 'i', ARGV[at]) end
if ARGV[4] == 'done' or ARGV[4] == 'failed' then redis.call('XADD', KEYS[2], '*', 'e', ARGV[4]) end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[3], '')
return 1`)
