// What Redis does in one step. Scripts, because between reading a generation and acting on it nobody else may come.
//
// A generation counts only in the life of the server in which it was made: run_id is new with every start, master_replid with
// every change of who copies from whom. Whatever a restart, a restore or a failover may have brought back is from before that,
// and perhaps from before a switch or a removal: it is not readable. A number lower than one that a client has seen is the same.
// The next number comes from the server's clock, so that it lies above every one before, of which nothing may be left.
#pragma once
#include <string>

namespace backstitch::cache::scripts {

/// ARGV 1 and 2: what all keys of the space begin with; the highest generation that the client has seen.
inline const std::string head = R"lua(
local prefix, seen = ARGV[1], tonumber(ARGV[2])
local life = redis.call('INFO', 'server'):match('run_id:(%x+)') .. redis.call('INFO', 'replication'):match('master_replid:(%x+)')
local kept = redis.call('HMGET', prefix .. 'generation', 'life', 'number')
local number = tonumber(kept[2]) or 0
local function text(n) return string.format('%.0f', n) end
local function begin(n)
  number = n
  redis.call('HSET', prefix .. 'generation', 'life', life, 'number', text(n))
end
local function place(key) return prefix .. text(number) .. ':' .. key end
if kept[1] ~= life or number < seen then
  local time = redis.call('TIME')
  begin(math.max(number + 1, seen + 1, time[1] * 1000000 + time[2]))
end
)lua";

inline const std::string generation = head + "return number";
inline const std::string switch_generation = head + "begin(number + 1) return number";
/// ARGV 3 to 6: the generation, the key, the entry, its time to live in ms.
inline const std::string put = head + R"lua(
if text(number) ~= ARGV[3] then return 0 end
redis.call('SET', place(ARGV[4]), ARGV[5], 'PX', ARGV[6])
return 1
)lua";
/// ARGV 3: the key.
inline const std::string get = head + "return redis.call('GET', place(ARGV[3]))";
inline const std::string remove = head + "return redis.call('DEL', place(ARGV[3]))";

}  // namespace backstitch::cache::scripts
