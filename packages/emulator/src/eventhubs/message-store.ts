import Database from 'better-sqlite3'

/** A message as it is stored: `bytes` is what goes over the wire, service annotations included. */
export interface StoredMessage {
  readonly partition: number
  readonly seq: number
  readonly offset: number
  readonly at: number
  readonly bytes: Buffer
}

/**
 * A partition as it is stored: `begin` is the earliest message left, `next` the number of the next one to
 * come.
 */
export interface StoredPartition {
  readonly id: number
  readonly hub: string
  readonly number: number
  readonly begin: number
  readonly next: number
  readonly nextOffset: number
  readonly lastOffset: number
  readonly lastAt: number
  readonly createdAt: number
}

export type PartitionEnd = Pick<StoredPartition, 'id' | 'next' | 'nextOffset' | 'lastOffset' | 'lastAt'>

/**
 * A message's row is partition times this plus its sequence number: a partition lies together, in order.
 */
const SEQUENCES_PER_PARTITION = 2 ** 40

/** Large pages: a message of 250 KB is a chain of them. */
const PAGE_BYTES = 16_384

const SCHEMA = `
  create table if not exists partition (
    id integer primary key, hub text not null, number integer not null, begin integer not null,
    next integer not null, next_offset integer not null, last_offset integer not null,
    last_at integer not null, created_at integer not null, unique (hub, number)
  );
  create table if not exists message (
    id integer primary key, partition integer not null, offset integer not null, at integer not null,
    bytes blob not null
  );
  create index if not exists message_at on message (partition, at);
`

const PARTITION_COLUMNS = `id, hub, number, begin, next, next_offset as nextOffset,
  last_offset as lastOffset, last_at as lastAt, created_at as createdAt`

/** The one SQLite file of an emulator. A write that returns is on disk (WAL, every commit synced). */
export class MessageStore {
  readonly #database: Database.Database
  readonly #page: Database.Statement
  readonly #offsetOf: Database.Statement
  readonly #firstAt: Database.Statement
  readonly #insert: Database.Statement
  readonly #advance: Database.Statement

  constructor(file: string) {
    this.#database = new Database(file)
    this.#database.pragma(`page_size = ${PAGE_BYTES}`)
    this.#database.pragma('journal_mode = wal')
    this.#database.pragma('synchronous = full')
    this.#database.exec(SCHEMA)
    const prepare = (sql: string) => this.#database.prepare(sql)
    this.#page = prepare('select bytes from message where id >= ? and id < ? order by id').raw()
    this.#offsetOf = prepare('select offset from message where id = ?').pluck()
    this.#firstAt = prepare('select min(id) from message where partition = ? and at >= ?').pluck()
    this.#insert = prepare('insert into message (id, partition, offset, at, bytes) values (?, ?, ?, ?, ?)')
    this.#advance = prepare(
      'update partition set next = ?, next_offset = ?, last_offset = ?, last_at = ? where id = ?',
    )
  }

  /**
   * The partitions of a hub, made where they are missing. Throws when the file holds more than asked for.
   */
  openHub(hub: string, partitions: number, now: number): StoredPartition[] {
    const insert = this.#database.prepare(
      `insert into partition (hub, number, begin, next, next_offset, last_offset, last_at, created_at)
       values (?, ?, 0, 0, 0, -1, 0, ?) on conflict do nothing`,
    )
    this.#database.transaction(() => {
      for (let number = 0; number < partitions; number++) insert.run(hub, number, now)
    })()
    const stored = this.#database
      .prepare(`select ${PARTITION_COLUMNS} from partition where hub = ? order by number`)
      .all(hub) as StoredPartition[]
    if (stored.length > partitions)
      throw new Error(`hub ${hub} has ${stored.length} partitions in the file and cannot have ${partitions}`)
    return stored
  }

  /** Appends messages and moves the ends of their partitions, in one transaction. */
  append(messages: readonly StoredMessage[], ends: readonly PartitionEnd[]): void {
    this.#database.transaction(() => {
      for (const { partition, seq, offset, at, bytes } of messages)
        this.#insert.run(rowOf(partition, seq), partition, offset, at, bytes)
      for (const end of ends) this.#advance.run(end.next, end.nextOffset, end.lastOffset, end.lastAt, end.id)
    })()
  }

  /**
   * The wire bytes of messages from `seq` on, one by one; nothing else may be asked until the reader
   * stops.
   */
  *read(partition: number, seq: number): Generator<Buffer> {
    const rows = this.#page.iterate(rowOf(partition, seq), rowOf(partition + 1, 0))
    for (const row of rows) yield (row as [Buffer])[0]
  }

  offsetOf(partition: number, seq: number): number {
    return this.#offsetOf.get(rowOf(partition, seq)) as number
  }

  /** The first message enqueued at `at` or later; `undefined` when there is none. */
  firstAt(partition: number, at: number): number | undefined {
    const row = this.#firstAt.get(partition, at) as number | null
    return row === null ? undefined : row - rowOf(partition, 0)
  }

  /** Deletes the messages before `seq`. */
  retain(partition: number, seq: number): void {
    this.#database.transaction(() => {
      this.#database
        .prepare('delete from message where id >= ? and id < ?')
        .run(rowOf(partition, 0), rowOf(partition, seq))
      this.#database.prepare('update partition set begin = ? where id = ?').run(seq, partition)
    })()
  }

  close(): void {
    this.#database.close()
  }
}

function rowOf(partition: number, seq: number): number {
  return partition * SEQUENCES_PER_PARTITION + seq
}
