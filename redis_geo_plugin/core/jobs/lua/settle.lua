-- worker, then per job: stream, id, batch, index, code, detail, bytes. Returns one digit per job: 1 done, 0 no longer ours.
-- At most a few thousand jobs at once: what has ended leaves each stream in one command.
local me, reply, batches, ended, worked = ARGV[3], {}, {}, {}, 0
for i = 4, #ARGV, 7 do
  local stream, id, batch = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if owner(stream, id) == me then
    book(batch, ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], tonumber(ARGV[i + 6]))
    batches[batch] = true
    if names.worked[ARGV[i + 4]] then worked = worked + 1 end
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
-- With the counts of the batches, so that who reads both at once never sees one without the other.
if worked > 0 then redis.pcall('HINCRBY', p .. 'faits', me, worked) end
for batch, _ in pairs(batches) do seal(batch) end
return reply
