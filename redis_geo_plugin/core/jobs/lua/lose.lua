-- batch, when a job of it was last put anywhere (as its head had it when nothing was found to hold them), then the indexes of
-- jobs that nothing holds. Returns how many were booked as lost, -1 where one was put somewhere meanwhile.
local batch, key = ARGV[3], head_of(ARGV[3])
if not is_sound(batch) then return 0 end
if (redis.call('HGET', key, 'dernier') or '') ~= ARGV[4] then return -1 end
for i = 5, #ARGV do book(batch, ARGV[i], 'l', '', 0) end
local own = counts[key]
count_up()
seal(batch)
return own and own.l or 0
