import type { OpenedBackend } from '../backends/open-backend.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import type { StoreName } from '../config/settings.ts';
import { attempted } from './attempted.ts';
import {
  checkAnswers,
  checkClock,
  checkDurability,
  checkRoundTrip,
  checkSchema,
  checkServer,
} from './check-backend.ts';
import { configuredBackends, type ConfiguredBackend } from './configured-backends.ts';
import { ok, warning, type Finding } from './finding.ts';
import { packageVersion } from './package-versions.ts';

/** The first Node.js that everything here runs on. */
const NODE = { major: 22, minor: 12 };

/**
 * Looks at everything that a queue stands on: Node.js, packages, configuration, and each backend, to which it writes one
 * task that it takes away again. Never throws: what goes wrong is a finding.
 */
export async function diagnose(config: ResolvedConfig, cwd: string = process.cwd()): Promise<readonly Finding[]> {
  const findings: Finding[] = [checkNode(), checkConfiguration(config)];
  let backends: readonly ConfiguredBackend[] = [];
  const found = await attempted('backends', async () => {
    backends = await configuredBackends(config, cwd);
    return ok('backends', backends.map(({ name, stores }) => `${name} for ${stores.join(', ')}`).join('; '));
  });
  findings.push(found, checkPackages(backends, cwd));
  return [...findings, ...(await checkAll(backends))];
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > NODE.major || (major === NODE.major && minor >= NODE.minor);
  return isEnough
    ? ok('node', process.version)
    : { check: 'node', status: 'failed', detail: `${process.version}; ${NODE.major}.${NODE.minor} or later is needed` };
}

function checkConfiguration({ files, environment, warnings }: ResolvedConfig): Finding {
  const read = files.length === 0 ? 'no file' : files.join(', ');
  const detail = environment === null ? read : `${read}; environment ${environment}`;
  const check = 'configuration';
  return warnings.length === 0 ? ok(check, detail) : warning(check, [detail, ...warnings].join('; '));
}

function checkPackages(backends: readonly ConfiguredBackend[], cwd: string): Finding {
  const used = backends.flatMap(({ plugin }) => (plugin === undefined ? [] : [`@omniq/storage-${plugin.name}`]));
  const known = ['@omniq/omniq', '@omniq/core', ...new Set(used)].flatMap((name) => {
    const version = packageVersion(name, cwd);
    return version === undefined ? [] : [{ name, version }];
  });
  const detail = known.map(({ name, version }) => `${name} ${version}`).join(', ');
  const agree = new Set(known.map(({ version }) => version)).size <= 1;
  return agree ? ok('packages', detail) : warning('packages', `${detail}; give all the same version`);
}

async function checkAll(backends: readonly ConfiguredBackend[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const opened = new Map<StoreName, OpenedBackend>();
  const close: (() => Promise<void>)[] = [];
  for (const backend of backends) {
    const check = `${backend.name}: answers`;
    let open: OpenedBackend | undefined;
    const answers = await attempted(check, async () => {
      open = await backend.open();
      return checkAnswers(open, backend.stores);
    });
    findings.push(answers);
    findings.push(await checkSchema(backend));
    if (open === undefined) continue;
    const { given, backend: live } = open;
    if (!given) close.push(() => live.close());
    if (answers.status === 'ok') findings.push(...(await checkServer(backend)));
    if (answers.status === 'ok') for (const store of backend.stores) opened.set(store, open);
  }
  findings.push(...(await checkTasks(backends, opened)));
  for (const each of close) await each().catch(() => {});
  return findings;
}

async function checkTasks(
  backends: readonly ConfiguredBackend[],
  opened: ReadonlyMap<StoreName, OpenedBackend>,
): Promise<readonly Finding[]> {
  const backend = backends.find(({ stores }) => stores.includes('tasks'));
  const tasks = opened.get('tasks')?.backend.tasks;
  const results = opened.get('results')?.backend.results;
  if (backend === undefined || tasks === undefined || results === undefined) return [];
  return [
    await checkClock(backend.name, tasks),
    await checkRoundTrip(backend.name, tasks, results),
    checkDurability(backend, tasks),
  ];
}
