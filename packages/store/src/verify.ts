import { LANES } from '@weir/model'
import { messageOf } from '@weir/runtime'
import type { Database } from 'better-sqlite3'
import type { Chain } from './chain.ts'
import { queryBooks } from './queries.ts'

/** Reads everything back; each line tells one thing that is wrong, and none means that all is well. */
export function verify(database: Database, chain: Chain): string[] {
  const parts = [
    () => verifyFile(database),
    () => verifyBooks(database),
    () => verifyChains(database, chain),
    () => verifyEvidence(database, chain),
  ]
  return inSnapshot(database, () => [...new Set(parts.flatMap((part) => readable(part)))])
}

/** What another process commits meanwhile is not half seen. Nothing was written, so the end is a rollback. */
function inSnapshot<T>(database: Database, work: () => T): T {
  database.exec('begin')
  try {
    return work()
  } finally {
    if (database.inTransaction) database.exec('rollback')
  }
}

/** A file so damaged that SQLite gives up on it is a finding too; what can still be read is looked at. */
function readable(part: () => string[]): string[] {
  try {
    return part()
  } catch (error) {
    return [`file: ${messageOf(error)}`]
  }
}

function verifyFile(database: Database): string[] {
  const rows = database.pragma('integrity_check') as { integrity_check: string }[]
  return rows
    .map((row) => row.integrity_check)
    .filter((text) => text !== 'ok')
    .map((text) => `file: ${text}`)
}

function verifyBooks(database: Database): string[] {
  return queryBooks(database).flatMap((each) => {
    const accounted = each.normalized + each.duplicates + each.dropped + each.quarantined
    const named = Object.values(each.droppedBy).reduce((sum, records) => sum + records, 0)
    const { kept, retired } = quarantineOf(database, each.source)
    const held = `kept ${kept} and retired ${retired}`
    return [
      ...unless(each.read === accounted, `read ${each.read}, accounted for ${accounted}`),
      ...unless(each.dropped === named, `dropped ${each.dropped}, by filters ${named}`),
      ...unless(each.quarantined === kept + retired, `quarantined ${each.quarantined}, ${held}`),
    ].map((text) => `books of ${each.source}: ${text}`)
  })
}

function quarantineOf(database: Database, source: string): { kept: number; retired: number } {
  const kept = database.prepare('select count(*) from quarantine where source = ?').pluck()
  const retired = database.prepare('select quarantine_retired from books where source = ?').pluck()
  return { kept: kept.get(source) as number, retired: retired.get(source) as number }
}

function unless(holds: boolean, text: string): string[] {
  return holds ? [] : [text]
}

interface ChainRow {
  readonly seq: number
  readonly digest: Uint8Array
  readonly chain: string
  readonly line: Uint8Array | null
}

function verifyChains(database: Database, chain: Chain): string[] {
  const wrong: string[] = []
  for (const lane of LANES) {
    const base = database
      .prepare(
        'select base_seq as seq, base_chain as chain, seq as head, chain as headChain from lane where lane = ?',
      )
      .get(lane) as { seq: number; chain: string; head: number; headChain: string }
    let at = { seq: base.seq, chain: base.chain }
    for (const row of database
      .prepare('select seq, digest, chain, line from feed where lane = ? order by seq')
      .iterate(lane) as Iterable<ChainRow>) {
      wrong.push(...verifyLink(lane, at, row, chain))
      at = row
    }
    if (at.seq !== base.head || at.chain !== base.headChain)
      wrong.push(`${lane} lane: ends at ${at.seq}, its head says ${base.head}`)
  }
  return wrong
}

function verifyLink(lane: string, at: { seq: number; chain: string }, row: ChainRow, chain: Chain): string[] {
  const wrong: string[] = []
  if (row.seq !== at.seq + 1) wrong.push(`${lane} lane: ${row.seq} follows ${at.seq}`)
  if (row.line !== null && Buffer.compare(chain.digest(row.line), row.digest) !== 0)
    wrong.push(`${lane} lane: line ${row.seq} is not what was written`)
  if (chain.next(at.chain, row.digest) !== row.chain)
    wrong.push(`${lane} lane: the chain breaks at ${row.seq}`)
  return wrong
}

function verifyEvidence(database: Database, chain: Chain): string[] {
  const wrong: string[] = []
  for (const row of database.prepare('select sha256, bytes from record').iterate() as Iterable<{
    sha256: string
    bytes: Uint8Array
  }>) {
    if (Buffer.from(chain.digest(row.bytes)).toString('hex') !== row.sha256)
      wrong.push(`evidence ${row.sha256}: bytes do not have this hash`)
  }
  return wrong
}
