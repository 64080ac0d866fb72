-- KEYS: log, meta, lock
-- ARGV: expected sequence, token ('' for a decision), rollback, now, lock ('take', 'release', ''), event JSON ...
local seq = redis.call('LLEN', KEYS[1])
local holder = redis.call('HGET', KEYS[2], 'token') or ''
if ARGV[2] ~= '' and ARGV[2] < holder then return { 'fenced', holder } end
if seq ~= tonumber(ARGV[1]) then return { 'conflict', tostring(seq) } end
local locked = redis.call('HGET', KEYS[3], 'rollback')
if ARGV[5] == 'take' and locked and locked ~= ARGV[3] then return { 'locked', locked } end
for i = 6, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], 'token', ARGV[2]) end
if ARGV[5] == 'take' then redis.call('HSET', KEYS[3], 'rollback', ARGV[3], 'since', ARGV[4]) end
if ARGV[5] == 'release' and locked == ARGV[3] then redis.call('DEL', KEYS[3]) end
return { 'ok', tostring(seq + #ARGV - 5) }
