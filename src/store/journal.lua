-- KEYS: journal, journal-cut
-- ARGV: how many entries the journal has had, entry JSON
local entries = redis.call('LLEN', KEYS[1]) + tonumber(redis.call('HGET', KEYS[2], 'entries') or '0')
if entries ~= tonumber(ARGV[1]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[2])
return 1
