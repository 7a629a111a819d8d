-- KEYS[7] the plain list; its name, how many: items of the list become entries of the stream, none is ever nowhere.
local moved = 0
for _ = 1, tonumber(ARGV[4]) do
  local item = redis.call('LINDEX', KEYS[7], -1)
  if not item then break end
  redis.call('XADD', p .. 'flux', '*', 'f', '1', 'liste', ARGV[3], 'brut', item)
  redis.call('RPOP', KEYS[7])
  moved = moved + 1
end
return moved
