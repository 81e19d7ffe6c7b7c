import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { createServer as createTls, type TlsOptions } from 'node:tls'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { i16, i32, i64, KafkaReader, type Kept, list, readBatch, text } from './kafka-bytes.ts'
import { Watched } from './until.ts'

export const TOPIC = 'alerts'
const PARTITIONS = 3

/** Codes of Kafka's protocol. */
export const CODES = {
  fine: 0,
  unknownTopic: 3,
  tooLarge: 10,
  notEnoughReplicas: 19,
  topicForbidden: 29,
  unsupportedVersion: 35,
  outOfOrder: 45,
  saslFailed: 58,
} as const

/** An old version of each call that has its fields in plain order. */
const APIS = {
  produce: [0, 3],
  metadata: [3, 1],
  handshake: [17, 1],
  versions: [18, 1],
  producerId: [22, 0],
  authenticate: [36, 0],
}
const BY_KEY = new Map(Object.entries(APIS).map(([name, [key]]) => [key, name as keyof typeof APIS]))

export interface KafkaRequirements {
  readonly tls?: TlsOptions
  readonly user?: { readonly name: string; readonly password: string }
}

/** One broker of one topic that reads what it is sent to the last byte, and keeps it. */
export class KafkaBroker {
  readonly watched = new Watched()
  /** By partition. */
  readonly logs: Kept[][] = Array.from({ length: PARTITIONS }, () => [])
  readonly compressions = new Set<number>()
  produced = 0
  /** Codes that are answered to the next batches, which are not kept. */
  readonly scripted: number[] = []
  /** The code for a batch; one that is not fine is not kept. */
  judge: (records: readonly Kept[]) => number = () => CODES.fine
  /** Keeps the next batch, and cuts the connection in place of an answer. */
  cutNext = false
  topicThere = true
  readonly #needs: KafkaRequirements
  readonly #sequences = new Map<string, number>()
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #producers = 0n
  #port = 0

  constructor(needs: KafkaRequirements = {}) {
    this.#needs = needs
    const take = (socket: Socket) => this.#take(socket)
    this.#server = needs.tls === undefined ? createTcp(take) : createTls(needs.tls, take)
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    return this.#port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  revisions(): string[] {
    return this.logs.flat().map(({ headers }) => `${headers['alert_id']} ${headers['revision']}`)
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket)
    const state = { known: this.#needs.user === undefined }
    let waiting = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk])
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE()) {
        const end = 4 + waiting.readInt32BE()
        this.#answer(socket, new KafkaReader(waiting.subarray(4, end)), state)
        waiting = waiting.subarray(end)
      }
    })
  }

  #answer(socket: Socket, reader: KafkaReader, state: { known: boolean }): void {
    const [key, version, correlation] = [reader.i16(), reader.i16(), reader.i32()]
    reader.string()
    const body = this.#bodyOf(BY_KEY.get(key), version, reader, state)
    this.watched.changed()
    if (body === undefined) socket.destroy()
    else socket.write(Buffer.concat([i32(4 + body.length), i32(correlation), body]))
  }

  /** Nothing for a call that a broker would hang up on. */
  #bodyOf(
    call: keyof typeof APIS | undefined,
    version: number,
    reader: KafkaReader,
    state: { known: boolean },
  ) {
    if (call === 'versions') return versions(version)
    if (call === 'handshake') return Buffer.concat([i16(CODES.fine), list([text('PLAIN')])])
    if (call === 'authenticate') return this.#authenticate(reader, state)
    if (!state.known) return undefined
    if (call === 'metadata') return this.#metadata(reader)
    if (call === 'producerId') return Buffer.concat([i32(0), i16(CODES.fine), i64(++this.#producers), i16(0)])
    if (call === 'produce') return this.#produce(reader)
    return undefined
  }

  #authenticate(reader: KafkaReader, state: { known: boolean }): Buffer {
    const { name, password } = this.#needs.user ?? { name: '', password: '' }
    state.known = reader.bytes().toString() === `\0${name}\0${password}`
    const [code, said] = state.known
      ? [CODES.fine, i16(-1)]
      : [CODES.saslFailed, text('Authentication failed')]
    return Buffer.concat([i16(code), said, i32(0)])
  }

  #metadata(reader: KafkaReader): Buffer {
    const broker = Buffer.concat([i32(1), text('localhost'), i32(this.#port), i16(-1)])
    const partitions = Array.from({ length: PARTITIONS }, (_, i) =>
      Buffer.concat([i16(0), i32(i), i32(1), list([i32(1)]), list([i32(1)])]),
    )
    const topics = reader
      .list(() => reader.string() ?? '')
      .map((name) => {
        const there = this.topicThere && name === TOPIC
        const code = there ? CODES.fine : CODES.unknownTopic
        return Buffer.concat([i16(code), text(name), Buffer.of(0), list(there ? partitions : [])])
      })
    return Buffer.concat([list([broker]), i32(1), list(topics)])
  }

  #produce(reader: KafkaReader): Buffer | undefined {
    reader.string()
    const acks = reader.i16()
    if (acks !== -1) throw new Error(`acks ${acks}: not all in-sync replicas`)
    reader.i32()
    const topics = reader.list(() => {
      const name = reader.string() ?? ''
      const partitions = reader.list(() => {
        const [partition, batch] = [reader.i32(), reader.bytes()]
        return Buffer.concat([i32(partition), i16(this.#keep(partition, batch)), i64(0n), i64(-1n)])
      })
      return Buffer.concat([text(name), list(partitions)])
    })
    if (!this.cutNext) return Buffer.concat([list(topics), i32(0)])
    this.cutNext = false
    return undefined
  }

  /** As brokers do: a batch that this producer has sent already is acknowledged and not kept again. */
  #keep(partition: number, bytes: Buffer): number {
    const { producerId, sequence, compression, records } = readBatch(bytes, unpack)
    this.produced++
    this.compressions.add(compression)
    const code = this.scripted.shift() ?? this.judge(records)
    if (code !== CODES.fine) return code
    const from = `${producerId} ${partition}`
    const next = this.#sequences.get(from) ?? 0
    if (sequence > next) return CODES.outOfOrder
    if (sequence < next) return CODES.fine
    this.#sequences.set(from, next + records.length)
    this.logs[partition]!.push(...records)
    return CODES.fine
  }
}

/** A newer client asks in a newer form first; it is told, in the oldest, what there is. */
function versions(version: number): Buffer {
  const there = list(
    Object.values(APIS).map(([key = 0, only = 0]) => Buffer.concat([i16(key), i16(only), i16(only)])),
  )
  const isOurs = version === APIS.versions[1]
  return isOurs
    ? Buffer.concat([i16(CODES.fine), there, i32(0)])
    : Buffer.concat([i16(CODES.unsupportedVersion), there])
}

function unpack(packed: Buffer, compression: number): Buffer {
  if (compression === 1) return gunzipSync(packed)
  return compression === 4 ? zstdDecompressSync(packed) : packed
}
