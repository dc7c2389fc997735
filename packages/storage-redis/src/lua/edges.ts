import type { Part } from './script.ts';

/** Who waits for whom. Each edge stands twice, from its child and from its parent, with its policy at the end. */
export const edges: Part = {
  keys: ['edges'],
  lua: `
local function edge(kind, one, other)
  return kind .. struct.pack('>I2', #one) .. one .. (other and struct.pack('>I2', #other) .. other or '')
end

local function edges_from(prefix, limit)
  return redis.call('ZRANGEBYLEX', EDGES, '[' .. prefix, '(' .. prefix .. '\\255', 'LIMIT', 0, limit)
end

local function add_edge(child, parent, policy)
  redis.call('ZADD', EDGES, 0, edge('c', child, parent) .. policy, 0, edge('p', parent, child) .. policy)
end

local function take_edge(child, parent)
  local prefix = edge('c', child, parent)
  local found = edges_from(prefix, 1)[1]
  if not found then return false end
  redis.call('ZREM', EDGES, found, edge('p', parent, child) .. found:sub(#prefix + 1))
  return true
end

local any_edges = nil
local function has_children(parent)
  if any_edges == nil then any_edges = redis.call('EXISTS', EDGES) == 1 end
  return any_edges and #edges_from(edge('p', parent), 1) > 0
end`,
};
