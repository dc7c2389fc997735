import { maskFields } from '../config/mask-fields.ts';
import type { LoggingSettings } from '../config/settings.ts';
import { LeveledLogger, type LogOutput, type OmniQLogger } from './leveled-logger.ts';
import { openLogFile, type LogFile } from './log-file.ts';
import { LogThresholds } from './log-levels.ts';

/** Takes finished lines; `process.stderr` does. */
export interface LineSink {
  write(line: string): unknown;
  readonly isTTY?: boolean;
}

/** As documented for `logging`. */
export const defaultLogging: LoggingSettings = {
  level: 'INFO',
  mode: 'DEV',
  rotation: 100_000_000,
  retention: 30 * 86_400_000,
  disabled: false,
  components: {},
};

const labels: Readonly<Record<string, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
};

/**
 * A logger over pino. DEV writes lines for people to `sink`, PROD lines of JSON; with a file, JSON goes there, and in DEV to
 * both. Secrets are masked in all of them.
 * @throws OmniQError `INVALID_CONFIG` if the file cannot be opened.
 */
export async function createLogger(
  settings: Partial<LoggingSettings> = {},
  sink: LineSink = process.stderr,
): Promise<OmniQLogger> {
  const logging: LoggingSettings = { ...defaultLogging, ...settings };
  const level = logging.disabled ? 'DISABLED' : logging.level;
  const thresholds = new LogThresholds(level, logging.disabled ? {} : logging.components);
  const file =
    logging.file === undefined || logging.disabled
      ? undefined
      : await openLogFile(logging.file, logging, (message) => sink.write(message));
  return new LeveledLogger(await openOutput(logging, file, sink), thresholds);
}

async function openOutput({ mode }: LoggingSettings, file: LogFile | undefined, sink: LineSink): Promise<LogOutput> {
  const { pino, stdSerializers } = await import('pino');
  const people = mode === 'DEV' ? await forPeople(sink) : undefined;
  const machine = file ?? (mode === 'PROD' ? sink : undefined);
  const stream = {
    write(line: string): void {
      people?.(line);
      machine?.write(line);
    },
  };
  const writer = pino(
    {
      // Levels are decided before pino is asked.
      level: 'trace',
      base: null,
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: labels[label] ?? label }) },
      serializers: {
        err: (error: unknown) => (error instanceof Error ? maskFields(stdSerializers.err(error)) : error),
      },
    },
    stream,
  );
  return { writer, close: async () => file?.close() };
}

/** `2027-01-31 09:00:00 | INFO | omniq.worker | the message`, with the fields below it. */
async function forPeople(sink: LineSink): Promise<(line: string) => void> {
  const { prettyFactory } = await import('pino-pretty');
  const names = Object.values(labels);
  const pretty = prettyFactory({
    colorize: sink.isTTY === true && process.env['NO_COLOR'] === undefined,
    messageKey: 'message',
    timestampKey: 'timestamp',
    levelKey: 'level',
    customLevels: Object.fromEntries(names.map((name, index) => [name, (index + 2) * 10])),
    customColors: { DEBUG: 'blue', INFO: 'green', WARNING: 'yellow', ERROR: 'red', CRITICAL: 'bgRed' },
    useOnlyCustomProps: true,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
    ignore: 'logger',
    messageFormat: '{logger} | {message}',
  });
  return (line) => void sink.write(pretty(line));
}
