"""The small scripts that keep the books of a queue in one step each. KEYS[1] only names the shard; every key a script
touches starts with ARGV[1], which holds the queue's hash tag.

Order matters inside them: what a server without memory refuses (HSET, XADD) comes before what it allows (XACK, XDEL),
so that a script which is refused has changed nothing.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .names import AGAIN, STREAMS

_COMMON = (
    f"local streams, again = {{{str(STREAMS)[1:-1]}}}, '{AGAIN}'"
    + """
local p = ARGV[1]
local group = 'travailleurs'
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function priority_of(stream)
  return string.sub(stream, -#again) == again and string.sub(stream, 1, -#again - 1) or stream
end
local function owner(stream, id)
  local pend = redis.call('XPENDING', p .. stream, group, id, id, 1)
  return pend[1] and pend[1][2]
end
local parts = {'', ':taches', ':issues', ':fini', ':morceaux', ':annulees', ':geometries'}
local function seal(lot)
  local k = p .. 'lot:' .. lot
  local head = redis.call('HMGET', k, 'total', 'garde')
  if head[1] and redis.call('HLEN', k .. ':issues') >= tonumber(head[1]) then
    redis.call('HSET', k, 'fin', now_ms())
    for _, part in ipairs(parts) do redis.call('EXPIRE', k .. part, tonumber(head[2] or 604800)) end
  end
end
local function bytes_of(fields)
  local size = 0
  for i = 2, #fields, 2 do size = size + #fields[i] end
  return size
end
local known, counts = {}, {}
local function book(lot, n, code, detail, size)
  if lot == '' then return end
  local k = p .. 'lot:' .. lot
  if known[lot] == nil then known[lot] = redis.call('EXISTS', k) end
  if known[lot] == 0 then return end
  if redis.call('HSETNX', k .. ':issues', n, code .. detail) == 1 then
    redis.call('XADD', k .. ':fini', '*', 'n', n, 'c', code)
    local own = counts[k] or {}
    counts[k], own[code] = own, (own[code] or 0) + 1
    if size > 0 then own.octets_finis = (own.octets_finis or 0) + size end
  end
end
local function count_up()
  for k, own in pairs(counts) do
    for code, n in pairs(own) do redis.call('HINCRBY', k, code, n) end
  end
end
"""
)

# lot, chunk number, stream, bytes of the jobs that are sent, the jobs packed (see model.pack_rows), then the field/value
# words that all of them share.
# One packed argument and not thousands: each would be an allocation of its own, which a server without jemalloc pays
# dearly for in a heap that holds a million jobs.
ENQUEUE = (
    _COMMON
    + """
local lot, k, stream, packed = ARGV[2], p .. 'lot:' .. ARGV[2], p .. ARGV[4], ARGV[6]
if redis.call('SADD', k .. ':morceaux', ARGV[3]) == 0 then return 0 end
local words, at, sent, length, count = {}, 1, 0, #packed
local shared = #ARGV - 6
for i = 1, shared do words[i] = ARGV[i + 6] end
while at <= length do
  local n, meta, code
  n, meta, code, count, at = struct.unpack('>I4c0I4c0c1B', packed, at)
  for i = shared + 1, shared + count do words[i], at = struct.unpack('>I4c0', packed, at) end
  redis.call('HSET', k .. ':taches', n, meta)
  if count > 0 then redis.call('XADD', stream, '*', unpack(words, 1, shared + count)) else book(lot, n, code, '', 0) end
  sent = sent + 1
end
redis.call('HINCRBY', k, 'envoyees', sent)
redis.call('HINCRBY', k, 'octets', ARGV[5])
count_up()
return sent
"""
)

# lot, total: the batch is complete as sent.
SEAL = (
    _COMMON
    + """
redis.call('HSET', p .. 'lot:' .. ARGV[2], 'total', ARGV[3])
seal(ARGV[2])
return 1
"""
)

# worker, then per job: stream, id, lot, index, code, detail, bytes. Returns one digit per job: 1 done, 0 no longer ours.
# At most a few thousand jobs at once: what has ended leaves each stream in one command.
SETTLE = (
    _COMMON
    + """
local me, reply, lots, ended = ARGV[2], {}, {}, {}
for i = 3, #ARGV, 7 do
  local stream, id, lot = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if owner(stream, id) == me then
    book(lot, ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], tonumber(ARGV[i + 6]))
    if lot ~= '' and known[lot] == 1 then lots[lot] = true end
    if not ended[stream] then ended[stream] = {} end
    table.insert(ended[stream], id)
    reply[#reply + 1] = 1
  else
    reply[#reply + 1] = 0
  end
end
for stream, ids in pairs(ended) do
  redis.call('XACK', p .. stream, group, unpack(ids))
  redis.call('XDEL', p .. stream, unpack(ids))
end
count_up()
for lot, _ in pairs(lots) do seal(lot) end
return reply
"""
)

# worker, verdict ('r' tried again, before others of its priority; 'p' postponed, behind them; 'a' aside), stream, id, lot, index, pause in ms, detail, then field/value words to change.
PUT_OFF = (
    _COMMON
    + """
local me, verdict, stream, id, lot = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if owner(stream, id) ~= me then return 0 end
local entry = redis.call('XRANGE', p .. stream, id, id)[1]
if entry then
  local fields = entry[2]
  local size = bytes_of(fields)
  for i = 10, #ARGV, 2 do
    local found = false
    for j = 1, #fields, 2 do
      if fields[j] == ARGV[i] then fields[j + 1] = ARGV[i + 1]; found = true end
    end
    if not found then fields[#fields + 1] = ARGV[i]; fields[#fields + 1] = ARGV[i + 1] end
  end
  if verdict ~= 'a' then
    local back = priority_of(stream) .. (verdict == 'r' and again or '')
    local name = back .. '|' .. stream .. '|' .. id
    redis.call('HSET', p .. 'differee:' .. name, unpack(fields))
    redis.call('ZADD', p .. 'echeances', now_ms() + tonumber(ARGV[8]), name)
  else
    redis.call('XADD', p .. 'ecartees', '*', 'flux', priority_of(stream), unpack(fields))
    book(lot, ARGV[7], 'f', ARGV[9], size)
    count_up()
    if lot ~= '' and known[lot] == 1 then seal(lot) end
  end
end
redis.call('XACK', p .. stream, group, id)
redis.call('XDEL', p .. stream, id)
return 1
"""
)

# How many at most. Jobs whose pause is over go to the stream that their name begins with.
PROMOTE = (
    _COMMON
    + """
local now, most = now_ms(), tonumber(ARGV[2])
local names = redis.call('ZRANGEBYSCORE', p .. 'echeances', '-inf', now, 'LIMIT', 0, most)
-- put off while the server's clock was ahead: no pause is so long
local lost = redis.call('ZRANGEBYSCORE', p .. 'echeances', now + tonumber(ARGV[3]), '+inf', 'LIMIT', 0, most)
for _, name in ipairs(lost) do names[#names + 1] = name end
for _, name in ipairs(names) do
  local fields = redis.call('HGETALL', p .. 'differee:' .. name)
  if #fields > 0 then
    redis.call('XADD', p .. string.match(name, '^[^|]*'), '*', unpack(fields))
    redis.call('DEL', p .. 'differee:' .. name)
  end
  redis.call('ZREM', p .. 'echeances', name)
end
return #names
"""
)

# ids of the set-aside stream, then: sent again as if new.
REQUEUE = (
    _COMMON
    + """
local sent = 0
local drop = {raison = true, mots = true, essais = true, soupcons = true, travailleur = true, quand = true}
for i = 2, #ARGV do
  local entry = redis.call('XRANGE', p .. 'ecartees', ARGV[i], ARGV[i])[1]
  if entry then
    local fields, kept, lot, n = entry[2], {}, '', ''
    for j = 3, #fields, 2 do
      if not drop[fields[j]] then kept[#kept + 1] = fields[j]; kept[#kept + 1] = fields[j + 1] end
      if fields[j] == 'lot' then lot = fields[j + 1] end
      if fields[j] == 'n' then n = fields[j + 1] end
    end
    redis.call('XADD', p .. fields[2], '*', unpack(kept))
    local k = p .. 'lot:' .. lot
    if lot ~= '' and redis.call('EXISTS', k) == 1 and redis.call('HDEL', k .. ':issues', n) == 1 then
      redis.call('HINCRBY', k, 'f', -1)
      redis.call('HINCRBY', k, 'octets_finis', -bytes_of(kept))
      redis.call('HDEL', k, 'fin')
      redis.call('XADD', k .. ':fini', '*', 'n', n, 'c', 'r')
      for _, part in ipairs(parts) do redis.call('PERSIST', k .. part) end
    end
    redis.call('XDEL', p .. 'ecartees', ARGV[i])
    sent = sent + 1
  end
end
return sent
"""
)

# worker, then stream/id pairs: the claim of each is renewed if it is still ours. Returns one digit per pair.
RENEW = (
    _COMMON
    + """
local me, reply = ARGV[2], {}
for i = 3, #ARGV, 2 do
  if owner(ARGV[i], ARGV[i + 1]) == me then
    redis.call('XCLAIM', p .. ARGV[i], group, me, 0, ARGV[i + 1], 'JUSTID')
    reply[#reply + 1] = 1
  else
    reply[#reply + 1] = 0
  end
end
return reply
"""
)

# worker, then stream/id pairs: made free for others at once, place and count of deliveries kept.
HAND_BACK = (
    _COMMON
    + """
local me, given = ARGV[2], 0
for i = 3, #ARGV, 2 do
  if owner(ARGV[i], ARGV[i + 1]) == me then
    redis.call('XCLAIM', p .. ARGV[i], group, 'rendues', 0, ARGV[i + 1], 'IDLE', 86400000, 'JUSTID')
    given = given + 1
  end
end
return given
"""
)

# worker, idle ms, how many at most, stream: jobs of workers that no longer beat become ours (also our own, whose delivery
# was lost on the way: the worker knows what it holds). With a stream: those of its jobs that were handed back.
# Returns per job: stream, id, suspect (1 where the last owner was computing it), deliveries, fields.
TAKE_OVER = (
    _COMMON
    + """
local me, idle, room, reply = ARGV[2], ARGV[3], tonumber(ARGV[4]), {}
local from = nil
if ARGV[5] ~= '' then streams, from = {ARGV[5]}, 'rendues' end
for _, stream in ipairs(streams) do
  if room > 0 and redis.call('EXISTS', p .. stream) == 1 then
    local asked = {p .. stream, group, 'IDLE', idle, '-', '+', room, from}
    local pend = redis.call('XPENDING', unpack(asked))
    for _, row in ipairs(pend) do
      local current = redis.call('HGET', p .. 'en_cours', row[2]) or ''
      local mark = ' ' .. stream .. '|' .. row[1] .. ' '
      local suspect = row[2] ~= me and string.find(current, mark, 1, true) and 1 or 0
      local got = redis.call('XCLAIM', p .. stream, group, me, idle, row[1])
      if got[1] and got[1][2] then
        reply[#reply + 1] = {stream, got[1][1], suspect, row[4] + 1, got[1][2]}
        room = room - 1
      end
    end
  end
end
return reply
"""
)

# worker, health line, what it computes now (' stream|id stream|id '). Returns the server's time in ms.
BEAT = (
    _COMMON
    + """
local t = now_ms()
redis.call('HSET', p .. 'travailleurs', ARGV[2], ARGV[3])
if ARGV[4] == '' then redis.call('HDEL', p .. 'en_cours', ARGV[2])
else redis.call('HSET', p .. 'en_cours', ARGV[2], ARGV[4]) end
redis.call('ZADD', p .. 'vus', t, ARGV[2])
return t
"""
)

# list, how many: items of the plain list become entries of the stream, none is ever nowhere.
BRIDGE = (
    _COMMON
    + """
local moved = 0
for _ = 1, tonumber(ARGV[3]) do
  local item = redis.call('LINDEX', KEYS[2], -1)
  if not item then break end
  redis.call('XADD', p .. 'flux', '*', 'f', '1', 'liste', ARGV[2], 'brut', item)
  redis.call('RPOP', KEYS[2])
  moved = moved + 1
end
return moved
"""
)

# Seconds: workers not heard of for so long, and holding nothing, are struck off.
PRUNE = (
    _COMMON
    + """
local struck = 0
local gone = redis.call('ZRANGEBYSCORE', p .. 'vus', '-inf', now_ms() - tonumber(ARGV[2]) * 1000, 'LIMIT', 0, 100)
for _, worker in ipairs(gone) do
  local holds = false
  for _, stream in ipairs(streams) do
    if redis.call('EXISTS', p .. stream) == 1 then
      if #redis.call('XPENDING', p .. stream, group, '-', '+', 1, worker) > 0 then holds = true
      else redis.call('XGROUP', 'DELCONSUMER', p .. stream, group, worker) end
    end
  end
  if not holds then
    redis.call('HDEL', p .. 'travailleurs', worker)
    redis.call('HDEL', p .. 'en_cours', worker)
    redis.call('ZREM', p .. 'vus', worker)
    struck = struck + 1
  end
end
return struck
"""
)

_SHAS: dict[str, str] = {}


class ScriptsDenied(Exception):
    """This user may not run scripts, or the server has none: the slower way is taken."""


def run(client: Any, script: str, keys: list[bytes], arguments: list[Any]) -> Any:
    """Run a script by its hash, sending its text where the server has not seen it. Raises ScriptsDenied."""
    from ..redispy import exceptions

    sha = _SHAS.get(script)
    if sha is None:
        sha = _SHAS[script] = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
    try:
        try:
            return client.evalsha(sha, len(keys), *keys, *arguments)
        except exceptions.NoScriptError:
            return client.eval(script, len(keys), *keys, *arguments)
    except exceptions.ResponseError as error:
        if denied(error):
            raise ScriptsDenied(str(error)) from error
        raise


def denied(error: Exception) -> bool:
    """Whether the error says that scripts are not for this user, or that there are none."""
    words = str(error).lower()
    script = "eval" in words
    return (script and ("noperm" in words or "no permissions" in words or "unknown command" in words)) or (
        type(error).__name__ == "NoPermissionError" and script
    )
