-- worker, verdict ('r' tried again, before others of its priority; 'p' postponed, behind them; 'a' aside), stream, id, batch,
-- index, pause in ms, detail, then field/value words to change. Returns 1, or 0 where the job is no longer ours.
local me, verdict, stream, id, batch = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if owner(stream, id) ~= me then return 0 end
local entry = redis.call('XRANGE', p .. stream, id, id)[1]
if entry then
  local fields = entry[2]
  local size = bytes_of(fields)
  for i = 11, #ARGV, 2 do
    local found = false
    for j = 1, #fields, 2 do
      if fields[j] == ARGV[i] then fields[j + 1] = ARGV[i + 1]; found = true end
    end
    if not found then fields[#fields + 1] = ARGV[i]; fields[#fields + 1] = ARGV[i + 1] end
  end
  if verdict ~= 'a' then
    local back = priority_of(stream) .. (verdict == 'r' and again or '')
    local name = back .. '|' .. stream .. '|' .. id
    if kind_of(p .. 'differee:' .. name) ~= 'hash' then redis.call('DEL', p .. 'differee:' .. name) end
    redis.call('HSET', p .. 'differee:' .. name, unpack(fields))
    redis.call('ZADD', p .. 'echeances', now_ms() + tonumber(ARGV[9]), name)
    touch(batch)
  else
    redis.call('XADD', p .. 'ecartees', '*', 'flux', priority_of(stream), unpack(fields))
    book(batch, ARGV[8], 'f', ARGV[10], size)
    count_up()
    seal(batch)
  end
end
redis.call('XACK', p .. stream, group, id)
redis.call('XDEL', p .. stream, id)
return 1
