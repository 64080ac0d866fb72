-- KEYS: journal, journal-cut
-- ARGV: how many entries were cut before, how many more are cut now, seal of the last of them
local before = tonumber(redis.call('HGET', KEYS[2], 'entries') or '0')
if before ~= tonumber(ARGV[1]) then return 0 end
redis.call('LTRIM', KEYS[1], ARGV[2], -1)
redis.call('HSET', KEYS[2], 'entries', before + tonumber(ARGV[2]), 'head', ARGV[3])
return 1
