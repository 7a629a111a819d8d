-- worker, then stream/id pairs: the claim of each is renewed if it is still ours. Returns one digit per pair.
local me, reply = ARGV[3], {}
for i = 4, #ARGV, 2 do
  if owner(ARGV[i], ARGV[i + 1]) == me then
    redis.call('XCLAIM', p .. ARGV[i], group, me, 0, ARGV[i + 1], 'JUSTID')
    reply[#reply + 1] = 1
  else
    reply[#reply + 1] = 0
  end
end
return reply
