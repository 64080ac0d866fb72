-- KEYS: asked, number, open, rollbacks
-- ARGV: system, now, first event JSON, prefix of the log's key, seconds for which a repeated request is known
local known = redis.call('GET', KEYS[1])
if known then return { 'known', known } end
local id = ARGV[1] .. '-' .. redis.call('INCR', KEYS[2])
redis.call('RPUSH', ARGV[4] .. id, ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], id)
redis.call('ZADD', KEYS[4], ARGV[2], id)
redis.call('SET', KEYS[1], id, 'EX', ARGV[5])
return { 'created', id }
