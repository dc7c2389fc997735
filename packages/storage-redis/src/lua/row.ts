import type { Part } from './script.ts';

/**
 * How what changes of a task is stored: insert number (big-endian, so that bytes sort as numbers do), lease, and what a
 * claim and an end write, side by side; then the other numbers at fixed places; then queue, unique key, ordering key and
 * reason; then the session. `tail` says where the session begins. So neither a claim nor a plain end reads the texts.
 * Flags: 1 asked to cancel, 2 has an error, 4 has progress, 8 has a unique or ordering key. What stands in `tasks` under
 * the id of a removed task is shorter: the time until which the id is remembered.
 */
export const row: Part = {
  keys: [],
  lua: `
local NONE, BIAS = 9e15, 8.64e15
local BLOCKED, WAITING, RUNNING = 0, 1, 2
local HEAD, TEXTS = '>d<dBddddBhddddddddH', '<I2c0I2c0I2c0I2c0'

local function unpack_row(id, packed)
  local m, at = { id = id }, nil
  m.seq, m.lease, m.state, m.startedAt, m.deadlineAt, m.attempt, m.finishedAt, m.flags, m.priority, m.runAt, m.expiresAt,
    m.holdMs, m.createdAt, m.crashes, m.redrives, m.waitsFor, m.uniqueUntil, at = struct.unpack(HEAD, packed)
  m.queue, m.uniqueKey, m.orderKey, m.reason = struct.unpack(TEXTS, packed, 119)
  m.session = packed:sub(at)
  return m
end

local function pack_row(m)
  local texts = struct.pack(TEXTS, #m.queue, m.queue, #m.uniqueKey, m.uniqueKey, #m.orderKey, m.orderKey, #m.reason, m.reason)
  return struct.pack(HEAD, m.seq, m.lease, m.state, m.startedAt, m.deadlineAt, m.attempt, m.finishedAt, m.flags, m.priority,
    m.runAt, m.expiresAt, m.holdMs, m.createdAt, m.crashes, m.redrives, m.waitsFor, m.uniqueUntil, 119 + #texts)
    .. texts .. m.session
end

local function session_of(packed) return packed:sub((struct.unpack('<H', packed, 117))) end

local function state_of(packed) return packed:byte(17) end

local function is_row(packed) return packed and #packed > 8 end`,
};
