-- batch, total: the batch is complete as sent.
if not is_sound(ARGV[3]) then return 0 end
redis.call('HSET', head_of(ARGV[3]), 'total', ARGV[4])
touch(ARGV[3])
seal(ARGV[3])
return 1
