import type { Capabilities } from '@omniq/core/storage';
import { assertCannot, type Ability } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { Stage } from './stage.ts';

/** A case on a fresh task store. */
export function taskCase(feature: string, title: string, body: (stage: Stage) => Promise<void>): ConformanceCase {
  return {
    store: 'tasks',
    feature,
    title,
    async run(open) {
      const backend = await open();
      if (backend.tasks === undefined) return 'absent';
      await body(await Stage.set(backend, backend.tasks));
      return 'proved';
    },
  };
}

/** A case of an ability; a store without it is held to saying so instead. */
export function abilityCase(
  ability: Ability & keyof Capabilities,
  feature: string,
  title: string,
  body: (stage: Stage) => Promise<void>,
): ConformanceCase {
  return taskCase(feature, title, (stage) =>
    stage.tasks.capabilities[ability] ? body(stage) : assertCannot(ability, stage),
  );
}
