import { firstDue } from './first-due.ts';
import { script, type Script } from './script.ts';

/** ARGV: now, queues. Answers the run-at of the first task that is not due yet, or nothing. */
export const nextDue: Script = script('nextDue', {
  keys: ['queues'],
  needs: [firstDue],
  lua: `
local now, first = tonumber(ARGV[1]), nil
for i = 2, #ARGV do
  local number = redis.call('HGET', QUEUES, ARGV[i])
  if number then first = first_due(tonumber(number), now, first) end
end
return due_text(first)`,
});
