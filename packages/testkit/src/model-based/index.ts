export { modelBased, printReport } from './model-based.ts';
export type { ModelMode, ModelOptions } from './model-options.ts';
export { runModel, type ModelReport } from './run-model.ts';
export type { Topic } from './topic.ts';
