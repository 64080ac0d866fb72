-- KEYS: asked, number, open, rollbacks, journal, journal-cut
-- ARGV: system, now, first event JSON, prefix of the log's key, seconds for which a repeated request is known, the number for which the event is sealed,
-- how many entries the journal has had, entry JSON for the journal
local known = redis.call('GET', KEYS[1])
if known then return { 'known', known } end
local number = tonumber(redis.call('GET', KEYS[2]) or '0') + 1
local entries = redis.call('LLEN', KEYS[5]) + tonumber(redis.call('HGET', KEYS[6], 'entries') or '0')
if number ~= tonumber(ARGV[6]) or entries ~= tonumber(ARGV[7]) then return { 'conflict', '' } end
redis.call('INCR', KEYS[2])
local id = ARGV[1] .. '-' .. number
redis.call('RPUSH', ARGV[4] .. id, ARGV[3])
redis.call('RPUSH', KEYS[5], ARGV[8])
redis.call('ZADD', KEYS[3], ARGV[2], id)
redis.call('ZADD', KEYS[4], ARGV[2], id)
redis.call('SET', KEYS[1], id, 'EX', ARGV[5])
return { 'created', id }
