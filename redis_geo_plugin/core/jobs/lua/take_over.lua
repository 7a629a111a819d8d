-- worker, idle ms, how many at most, stream: jobs of workers that no longer beat become ours (also our own, whose delivery
-- was lost on the way: the worker knows what it holds). With a stream: those of its jobs that were handed back.
-- Returns per job: stream, id, suspect (1 where the last owner was computing it), deliveries, fields.
local me, idle, room, reply = ARGV[3], ARGV[4], tonumber(ARGV[5]), {}
local wanted, from = streams, nil
if ARGV[6] ~= '' then wanted, from = {ARGV[6]}, returned end
for _, stream in ipairs(wanted) do
  if room > 0 and kind_of(p .. stream) == 'stream' then
    local asked = {p .. stream, group, 'IDLE', idle, '-', '+', room, from}
    local pending = redis.call('XPENDING', unpack(asked))
    for _, row in ipairs(pending) do
      local current = redis.pcall('HGET', p .. 'en_cours', row[2])
      if type(current) ~= 'string' then current = '' end
      local mark = ' ' .. stream .. '|' .. row[1] .. ' '
      local suspect = row[2] ~= me and string.find(current, mark, 1, true) and 1 or 0
      local got = redis.call('XCLAIM', p .. stream, group, me, idle, row[1])
      if got[1] and got[1][2] then
        reply[#reply + 1] = {stream, got[1][1], suspect, row[4] + 1, got[1][2]}
        room = room - 1
      elseif #redis.call('XRANGE', p .. stream, row[1], row[1]) == 0 then
        redis.call('XACK', p .. stream, group, row[1])  -- trimmed away: nobody can have it any more
      end
    end
  end
end
return reply
