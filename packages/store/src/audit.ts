import type { AuditStore, EvidenceAsked, EvidenceBytes, EvidenceServed, Page } from '@weir/model'
import type { Database } from 'better-sqlite3'
import { numberIn, paged } from './queries.ts'

const DAY_MS = 86_400_000
/** Days for which a request is remembered. */
const AUDIT_DAYS_MAX = 400
/** Requests remembered; beyond it the oldest go, however young. */
const AUDIT_ROWS_MAX = 100_000

/** Requests for evidence, each a row that is on disk before anything is served. */
export function auditOver(database: Database): AuditStore {
  const ask = database.prepare(
    `insert into evidence_audit (at, caller, role, remote, alert, outcome, records, record_bytes, sent_bytes)
     values (@at, @caller, @role, @remote, @alert, 'begun', 0, 0, 0)`,
  )
  const serve = database.prepare(
    `update evidence_audit set outcome = @outcome, ended = @ended, records = @records,
       record_bytes = @recordBytes, sent_bytes = @sentBytes where n = @n`,
  )
  return {
    evidenceAsked: async (asked) => Number(ask.run(asked).lastInsertRowid),
    evidenceServed: async (n, served) => void serve.run({ ended: null, ...served, n }),
    audits: async (limit, after) => queryAudits(database, limit, after),
    evidenceBytes: async (from, to) => queryEvidenceBytes(database, from, to),
  }
}

function queryAudits(
  database: Database,
  limit: number,
  after?: string,
): Page<EvidenceAsked & EvidenceServed> {
  type Row = EvidenceAsked &
    Omit<EvidenceServed, 'ended'> & { readonly n: number; readonly ended: number | null }
  const rows = database
    .prepare(
      `select n, at, caller, role, remote, alert, outcome, ended, records, record_bytes as recordBytes,
         sent_bytes as sentBytes from evidence_audit where n < ? order by n desc limit ?`,
    )
    .all(after === undefined ? Number.MAX_SAFE_INTEGER : numberIn(after), limit + 1) as Row[]
  return paged(
    rows,
    limit,
    ({ n: _, ended, ...row }) => (ended === null ? row : { ...row, ended }),
    ({ n }) => String(n),
  )
}

function queryEvidenceBytes(database: Database, from: number, to: number): EvidenceBytes[] {
  return database
    .prepare(
      `select caller, at / ${DAY_MS} as day, count(*) as requests, sum(record_bytes) as recordBytes,
         sum(sent_bytes) as sentBytes
       from evidence_audit where at >= ? and at < ? group by caller, day order by day, caller`,
    )
    .all(from, to) as EvidenceBytes[]
}

/** Removes the requests that are remembered no longer. */
export function retireAudit(database: Database, now: number): void {
  database.prepare('delete from evidence_audit where at < ?').run(now - AUDIT_DAYS_MAX * DAY_MS)
  database
    .prepare('delete from evidence_audit where n <= (select max(n) from evidence_audit) - ?')
    .run(AUDIT_ROWS_MAX)
}
