import { isIP } from 'node:net'
import type { Producer, ProducerOptions } from '@platformatic/kafka'
import type { KafkaRecord } from '../../formats/kafka-record.ts'
import { tlsOptions } from '../../tls-files.ts'
import type { KafkaConfig } from './config.ts'
import { loadKafka } from './load.ts'

type Bytes = Buffer<ArrayBufferLike>

/** Connections to a cluster. */
export interface KafkaClient {
  /** Resolves when all in-sync replicas have the records. Rejects with what the client says. */
  produce(records: readonly KafkaRecord[], nowMs: number): Promise<void>
  /** Partitions of the topic. */
  partitions(): Promise<number>
  close(): Promise<void>
}

/** Milliseconds without an answer after which a request is given up. */
const SILENCE_MS_MAX = 30_000
/** Tries of the client itself, which the brokers can tell to be repetitions; after these the batch is sent anew. */
const TRIES = 3
const TRY_AGAIN_MS = 250

/** Nothing is connected before the first call. */
export async function createKafkaClient(config: KafkaConfig, connectMs: number): Promise<KafkaClient> {
  const { Producer } = await loadKafka()
  const { topic, compression } = config
  const producer: Producer<Bytes, Bytes, Bytes, Bytes> = new Producer(optionsOf(config, connectMs))
  return {
    produce: async (records, nowMs) => {
      const timestamp = BigInt(nowMs)
      const messages = records.map((record) => ({ ...wire(record), topic, timestamp }))
      await producer.send({ messages, compression })
    },
    partitions: async () => {
      const { topics } = await producer.metadata({ topics: [topic], forceUpdate: true })
      return topics.get(topic)?.partitionsCount ?? 0
    },
    close: () => producer.close(true),
  }
}

function optionsOf(config: KafkaConfig, connectTimeout: number): ProducerOptions<Bytes, Bytes, Bytes, Bytes> {
  const { brokers, sasl, transport, servername } = config
  const named = servername ?? !brokers.every((each) => isIP(hostOf(each)) !== 0)
  return {
    clientId: 'weir',
    bootstrapBrokers: brokers.map((each) => ({ host: hostOf(each), port: Number(each.split(':').at(-1)) })),
    idempotent: true,
    retries: TRIES - 1,
    retryDelay: TRY_AGAIN_MS,
    connectTimeout,
    requestTimeout: SILENCE_MS_MAX,
    timeout: SILENCE_MS_MAX,
    ...(transport === 'tls' ? { tls: tlsOptions(config), tlsServerName: named } : {}),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  }
}

const MECHANISMS = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const

function saslOf({ mechanism, username, password }: NonNullable<KafkaConfig['sasl']>) {
  return { mechanism: MECHANISMS[mechanism], username, password: password.reveal() }
}

/** An IPv6 address without its brackets. */
function hostOf(broker: string): string {
  return broker.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

function wire({ key, headers, value }: KafkaRecord) {
  const pairs = Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)] as const)
  return { key: Buffer.from(key, 'utf8'), value, headers: new Map(pairs) }
}
