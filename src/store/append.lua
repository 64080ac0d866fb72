-- KEYS: log, meta, lock
-- ARGV: expected sequence, token ('' for a decision), rollback, now, lock ('take', 'keep', 'release', 'let go': release what it must hold, ''), whose lock may be taken over
-- while it waits for a decision, whether this rollback waits for one now ('1', '0'), seal of the last event ('' where it has none), event JSON ...
local seq = redis.call('LLEN', KEYS[1])
local holder = redis.call('HGET', KEYS[2], 'token') or ''
if ARGV[2] ~= '' and ARGV[2] < holder then return { 'fenced', holder } end
if seq ~= tonumber(ARGV[1]) then return { 'conflict', tostring(seq) } end
if ARGV[8] ~= '' and not string.find(redis.call('LINDEX', KEYS[1], -1) or '', ARGV[8], 1, true) then return { 'conflict', tostring(seq) } end
local locked = redis.call('HGET', KEYS[3], 'rollback')
local waits = redis.call('HGET', KEYS[3], 'waits') == '1'
if ARGV[5] == 'take' and locked and locked ~= ARGV[3] and not (locked == ARGV[6] and waits) then return { 'locked', locked } end
if (ARGV[5] == 'keep' or ARGV[5] == 'let go') and locked ~= ARGV[3] then return { 'locked', locked or '' } end
for i = 9, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], 'token', ARGV[2]) end
if ARGV[5] == 'take' then
  redis.call('HSET', KEYS[3], 'rollback', ARGV[3], 'since', ARGV[4], 'waits', '0')
elseif locked == ARGV[3] then
  if ARGV[5] == 'release' or ARGV[5] == 'let go' then redis.call('DEL', KEYS[3]) else redis.call('HSET', KEYS[3], 'waits', ARGV[7]) end
end
return { 'ok', tostring(seq + #ARGV - 8) }
