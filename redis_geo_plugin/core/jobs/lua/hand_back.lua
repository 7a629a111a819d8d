-- worker, then stream/id pairs: made free for others at once, place and count of deliveries kept.
local me, given = ARGV[3], 0
for i = 4, #ARGV, 2 do
  if owner(ARGV[i], ARGV[i + 1]) == me then
    redis.call('XCLAIM', p .. ARGV[i], group, returned, 0, ARGV[i + 1], 'IDLE', 86400000, 'JUSTID')
    given = given + 1
  end
end
return given
