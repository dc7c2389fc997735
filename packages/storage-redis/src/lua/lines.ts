import { rows } from './rows.ts';
import type { Part } from './script.ts';

/**
 * Ordering keys. All waiting and running tasks of a key stand in its line, in insert order; exactly one is its head: the
 * one that runs, else the first, due or not. Only the head is in \`due\`, so a key with a long line slows no claim.
 */
export const lines: Part = {
  keys: ['lines', 'heads'],
  needs: [rows],
  lua: `
local function line_prefix(key) return struct.pack('>I2', #key) .. key end

local function in_line(m) return m.state == WAITING or m.state == RUNNING end

local function set_head(key, id)
  heads[key] = id
  if id then redis.call('HSET', HEADS, key, id) else redis.call('HDEL', HEADS, key) end
end

local function stand(m) redis.call('ZADD', LINES, 0, line_prefix(m.orderKey) .. struct.pack('>d', m.seq) .. m.id) end

local function leave(m) redis.call('ZREM', LINES, line_prefix(m.orderKey) .. struct.pack('>d', m.seq) .. m.id) end

local function line_up(key)
  local old, prefix = head_of(key), line_prefix(key)
  local head = old and find(old)
  if head and head.state == RUNNING then return end
  local first = redis.call('ZRANGEBYLEX', LINES, '[' .. prefix, '(' .. prefix .. '\\255', 'LIMIT', 0, 1)[1]
  local id = first and first:sub(#prefix + 9) or false
  if id == old then return end
  if head then touch(head) end
  if id then touch(find(id)) end
  set_head(key, id)
end`,
};
