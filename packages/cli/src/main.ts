#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Compiled code is kept between calls: a command then starts in less than half the time.
enableCompileCache();

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const { run } = await import('./run.ts');
const exitCode = await run(process.argv.slice(2));
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
// Task modules may hold timers and connections of their own; none of them keeps a finished command alive.
process.exit(exitCode);
