// What Redis does in one step for permits under leases: who holds how many until when, and who waits in which order.
//
// Keys, all in one slot: holders (token → end of its lease, in the server's milliseconds), weights (token → permits),
// queue (token → its place), seen (token → until when its process is believed to wait) and fence (the last number given).
// Whoever looks first throws out those whose time has passed, so nothing depends on a clock but that of the server.

import { script, type Script } from '../../redis/connection.ts'

/** Milliseconds that the keys of a name are kept after they were last used; a lease is much shorter. */
const keptMs = 86_400_000

/**
 * Takes permits or a place in the queue. Arguments: token, limit, weight, lease, how long it is believed to wait, channel.
 * Answers {1, fence}, or {0, milliseconds until it is worth asking again}.
 *
 * The fence is larger than any before: the last one plus one, or the server's time in microseconds when that is more, so
 * that it grows even after the last one was forgotten.
 */
export const acquireScript: Script = script(`
local holders, weights, queue, seen, fences = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local token, limit, weight = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2]
local now = math.floor(us / 1000)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', holders, '-inf', now)) do
  redis.call('ZREM', holders, dead)
  redis.call('HDEL', weights, dead)
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do
  redis.call('ZREM', seen, gone)
  redis.call('ZREM', queue, gone)
end
if not redis.call('ZSCORE', queue, token) then
  local last = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2]
  redis.call('ZADD', queue, (last or 0) + 1, token)
end
local out = 0
for _, held in ipairs(redis.call('HVALS', weights)) do out = out + held end
local granted = redis.call('ZRANGE', queue, 0, 0)[1] == token and out + weight <= limit
local reply
if granted then
  redis.call('ZREM', queue, token)
  redis.call('ZREM', seen, token)
  redis.call('ZADD', holders, now + ARGV[4], token)
  redis.call('HSET', weights, token, weight)
  local fence = string.format('%.0f', math.max(us, (redis.call('GET', fences) or 0) + 1))
  redis.call('SET', fences, fence)
  local after = out + weight < limit and redis.call('ZRANGE', queue, 0, 0)[1]
  if after then redis.call('PUBLISH', ARGV[6], after) end
  reply = { 1, fence }
else
  redis.call('ZADD', seen, now + ARGV[5], token)
  local again = now + ARGV[5]
  for _, key in ipairs({ holders, seen }) do
    local soonest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
    if soonest then again = math.min(again, soonest) end
  end
  reply = { 0, math.max(1, again - now + 1) }
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ${keptMs}) end
return reply
`)

/** Lengthens a lease. Arguments: token, lease. Answers 1, or 0 when it holds nothing any more. */
export const renewScript: Script = script(`
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], math.floor(time[1] * 1000 + time[2] / 1000) + ARGV[2], ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ${keptMs}) end
return 1
`)

/** Gives back permits, or leaves the queue, and wakes the first that waits. Arguments: token, channel. */
export const leaveScript: Script = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
local first = redis.call('ZRANGE', KEYS[3], 0, 0)[1]
if first then redis.call('PUBLISH', ARGV[2], first) end
return 1
`)
