-- batch, chunk number, stream, bytes of the jobs that are sent, the jobs packed (see model.pack_rows), then the field/value
-- words that all of them share. Returns how many were sent, 0 for a chunk that was sent before.
-- One packed argument and not thousands: each would be an allocation of its own, which a server without jemalloc pays
-- dearly for in a heap that holds a million jobs.
local batch, stream, packed = ARGV[3], p .. ARGV[5], ARGV[7]
local key = head_of(batch)
if not is_sound(batch) then return redis.error_reply('DAMAGED the books of batch ' .. batch) end
local kind = kind_of(stream)
if kind ~= 'stream' and kind ~= 'none' then return redis.error_reply('WRONGTYPE ' .. stream) end
if redis.call('SADD', key .. ':morceaux', ARGV[4]) == 0 then return 0 end
local words, at, sent, length, own = {}, 1, 0, #packed, nil
local shared = #ARGV - 7
for i = 1, shared do words[i] = ARGV[i + 7] end
while at <= length do
  local n, meta, code
  n, meta, code, own, at = struct.unpack('>I4c0I4c0c1B', packed, at)
  for i = shared + 1, shared + own do words[i], at = struct.unpack('>I4c0', packed, at) end
  redis.call('HSET', key .. ':taches', n, meta)
  if own > 0 then redis.call('XADD', stream, '*', unpack(words, 1, shared + own)) else book(batch, n, code, '', 0) end
  sent = sent + 1
end
count(key, 'envoyees', sent)
count(key, 'octets', ARGV[6])
count_up()
touch(batch)
return sent
