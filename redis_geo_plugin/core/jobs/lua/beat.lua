-- worker, health line, what it computes now (' stream|id stream|id '). Returns the server's time in ms.
local t = now_ms()
redis.call('HSET', p .. 'travailleurs', ARGV[3], ARGV[4])
if ARGV[5] == '' then redis.call('HDEL', p .. 'en_cours', ARGV[3])
else redis.call('HSET', p .. 'en_cours', ARGV[3], ARGV[5]) end
redis.call('ZADD', p .. 'vus', t, ARGV[3])
return t
