-- How many at most, ms. Jobs whose pause is over go to the stream that their name begins with.
local now, most = now_ms(), tonumber(ARGV[3])
local due = redis.call('ZRANGEBYSCORE', p .. 'echeances', '-inf', now, 'LIMIT', 0, most)
-- put off while the server's clock was ahead: no pause is so long
local lost = redis.call('ZRANGEBYSCORE', p .. 'echeances', now + tonumber(ARGV[4]), '+inf', 'LIMIT', 0, most)
for _, name in ipairs(lost) do due[#due + 1] = name end
for _, name in ipairs(due) do
  local stream = string.match(name, '^[^|]*')
  local fields = redis.pcall('HGETALL', p .. 'differee:' .. name)
  if is_stream[stream] and not failed(fields) and #fields > 0 then
    redis.call('XADD', p .. stream, '*', unpack(fields))
    redis.call('DEL', p .. 'differee:' .. name)
    for i = 1, #fields, 2 do
      if fields[i] == 'lot' then touch(fields[i + 1]) end
    end
  end
  redis.call('ZREM', p .. 'echeances', name)
end
return #due
