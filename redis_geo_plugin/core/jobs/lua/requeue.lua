-- ids of the set-aside stream: sent again as if new. Returns how many there were.
local sent, dropped = 0, {}
for _, field in ipairs(names.dropped) do dropped[field] = true end
for i = 3, #ARGV do
  local entries = redis.pcall('XRANGE', p .. 'ecartees', ARGV[i], ARGV[i])
  local entry = not failed(entries) and entries[1]
  if entry then
    local fields, kept, batch, n, stream = entry[2], {}, '', '', 'flux'
    for j = 1, #fields, 2 do
      if fields[j] == 'flux' and is_stream[fields[j + 1]] then stream = fields[j + 1] end
      if not dropped[fields[j]] then kept[#kept + 1] = fields[j]; kept[#kept + 1] = fields[j + 1] end
      if fields[j] == 'lot' then batch = fields[j + 1] end
      if fields[j] == 'n' then n = fields[j + 1] end
    end
    if #kept > 0 then redis.call('XADD', p .. stream, '*', unpack(kept)) end
    local key = head_of(batch)
    if is_sound(batch) and redis.call('HDEL', key .. ':issues', n) == 1 then
      count(key, 'f', -1)
      count(key, 'octets_finis', -bytes_of(kept))
      redis.call('HDEL', key, 'fin')
      redis.pcall('XADD', key .. ':fini', '*', 'n', n, 'c', 'r')
      for part, _ in pairs(names.parts) do redis.call('PERSIST', key .. part) end
    end
    touch(batch)
    redis.call('XDEL', p .. 'ecartees', ARGV[i])
    sent = sent + 1
  end
end
return sent
