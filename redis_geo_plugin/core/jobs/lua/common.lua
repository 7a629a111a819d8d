-- What all scripts begin with.
--
-- KEYS[1] to KEYS[6]: the streams, in the order in which workers read them; then what the script itself names,
-- then a key that never exists (see scripted.py).
-- ARGV[1]: the start of the keys of the queue's books, with its hash tag.
-- ARGV[2]: names that core/jobs/names.py holds, as JSON. A script's own arguments begin at ARGV[3].
--
-- What a server without memory refuses (HSET, XADD) comes before what it allows (XACK, XDEL), so that a script that is
-- refused has changed nothing. Others may write here too: books of another type are passed over, and a batch of which one
-- is damaged is not booked.
local p = ARGV[1]
local names = cjson.decode(ARGV[2])
local group, returned, again = names.group, names.returned, names.again

local streams, is_stream = {}, {}
for i = 1, 6 do
  streams[i] = string.sub(KEYS[i], #p + 1)
  is_stream[streams[i]] = true
end

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function kind_of(key)
  return redis.call('TYPE', key).ok
end

local function failed(reply)
  return type(reply) == 'table' and reply.err
end

local function priority_of(stream)
  return string.sub(stream, -#again) == again and string.sub(stream, 1, -#again - 1) or stream
end

local function owner(stream, id)
  local pending = redis.pcall('XPENDING', p .. stream, group, id, id, 1)
  if failed(pending) then return nil end
  return pending[1] and pending[1][2]
end

local function head_of(batch)
  return p .. 'lot:' .. batch
end

local sound = {}
local function is_sound(batch)
  if batch == '' then return false end
  if sound[batch] == nil then
    local key = head_of(batch)
    sound[batch] = kind_of(key) == 'hash'
    for part, kind in pairs(names.parts) do
      local found = kind_of(key .. part)
      if found ~= 'none' and found ~= kind then sound[batch] = false end
    end
  end
  return sound[batch]
end

-- A count that holds rubbish begins anew.
local function count(key, field, by)
  if failed(redis.pcall('HINCRBY', key, field, by)) then redis.call('HSET', key, field, by) end
end

-- When a job of the batch was last put anywhere: what stands in a stream from before is all there can be of it.
local function touch(batch)
  if is_sound(batch) then redis.call('HSET', head_of(batch), 'dernier', now_ms()) end
end

local function seal(batch)
  if not is_sound(batch) then return end
  local key = head_of(batch)
  local head = redis.call('HMGET', key, 'total', 'garde')
  local total, keep = tonumber(head[1] or ''), tonumber(head[2] or '')
  if not (keep and keep >= 1 and keep <= names.longest) then keep = names.keep end
  if total and redis.call('HLEN', key .. ':issues') >= total then
    redis.call('HSET', key, 'fin', now_ms())
    for part, _ in pairs(names.parts) do redis.call('EXPIRE', key .. part, math.floor(keep)) end
  end
end

local function bytes_of(fields)
  local size = 0
  for i = 2, #fields, 2 do size = size + #fields[i] end
  return size
end

local counts = {}
local function book(batch, n, code, detail, size)
  if not is_sound(batch) then return end
  local key = head_of(batch)
  if redis.call('HSETNX', key .. ':issues', n, code .. detail) == 1 then
    redis.pcall('XADD', key .. ':fini', '*', 'n', n, 'c', code)
    local own = counts[key] or {}
    counts[key], own[code] = own, (own[code] or 0) + 1
    if size > 0 then own.octets_finis = (own.octets_finis or 0) + size end
  end
end

local function count_up()
  for key, own in pairs(counts) do
    for code, n in pairs(own) do count(key, code, n) end
  end
end
