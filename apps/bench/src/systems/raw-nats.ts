import {
  AckPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type ConsumerMessages,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { connect, nanos } from '@nats-io/transport-node';
import type { Queue, System, Target } from './system.ts';

const prefetch = 1000;
/** Messages of a bulk call that wait for their acknowledgement together. */
const inFlight = 500;
const consumer = 'workers';

/** The limit of JetStream as it is meant to be used: a message a task in a work-queue stream, acknowledged one by one. */
export const rawNats: System = {
  name: 'raw-nats',
  store: 'nats',
  packages: ['@nats-io/jetstream', '@nats-io/transport-node'],
  settings: `one message a task, work-queue stream, prefetch ${prefetch}, acknowledgements not confirmed`,
  raw: 'raw-nats',
  shared: true,
  open,
};

async function open({ url, scope, create, leaseMs = 30_000 }: Target): Promise<Queue> {
  const connection = await connect({ servers: url });
  const jsm = await jetstreamManager(connection);
  const js = jetstream(connection);
  if (create) await createStream(jsm, scope, leaseMs);
  let messages: ConsumerMessages | undefined;
  return {
    enqueue: async (payload) => void (await js.publish(scope, payload)),
    enqueueMany: async (payloads) => {
      for (let from = 0; from < payloads.length; from += inFlight)
        await Promise.all(payloads.slice(from, from + inFlight).map((payload) => js.publish(scope, payload)));
    },
    work: async (handler) => {
      messages = await (
        await js.consumers.get(scope, consumer)
      ).consume({
        max_messages: prefetch,
        callback: (message) => {
          handler(message.string());
          message.ack();
        },
      });
    },
    left: async () => (await jsm.streams.info(scope)).state.messages,
    close: async () => {
      await messages?.close();
      await connection.close();
    },
  };
}

async function createStream(jsm: JetStreamManager, name: string, leaseMs: number): Promise<void> {
  const retention = RetentionPolicy.Workqueue;
  await jsm.streams.add({ name, subjects: [name], storage: StorageType.File, retention });
  await jsm.consumers.add(name, {
    durable_name: consumer,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(leaseMs),
    max_ack_pending: 8 * prefetch,
  });
}
