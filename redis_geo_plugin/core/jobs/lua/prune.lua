-- Seconds: workers not heard of for so long, and holding nothing, are struck off. Returns how many.
local struck = 0
local before = now_ms() - tonumber(ARGV[3]) * 1000
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', p .. 'vus', '-inf', before, 'LIMIT', 0, 100)) do
  local holds = false
  for _, stream in ipairs(streams) do
    local pending = redis.pcall('XPENDING', p .. stream, group, '-', '+', 1, worker)
    if not failed(pending) then
      if #pending > 0 then holds = true
      else redis.call('XGROUP', 'DELCONSUMER', p .. stream, group, worker) end
    end
  end
  if not holds then
    redis.call('HDEL', p .. 'travailleurs', worker)
    redis.call('HDEL', p .. 'en_cours', worker)
    redis.pcall('HDEL', p .. 'faits', worker)
    redis.call('ZREM', p .. 'vus', worker)
    struck = struck + 1
  end
end
return struck
