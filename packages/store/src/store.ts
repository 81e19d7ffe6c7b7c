import type { Alert, Commit, Lane, LaneHead, Store } from '@weir/model'
import { LANES } from '@weir/model'
import { WeirError } from '@weir/runtime'
import type { Database } from 'better-sqlite3'
import { auditOver } from './audit.ts'
import { queryCanaries } from './canaries.ts'
import type { Chain } from './chain.ts'
import { prepareCommit } from './commit.ts'
import { FeedLog } from './feed-log.ts'
import { Forwarders } from './forwarders.ts'
import { LedgerDays } from './ledger.ts'
import { loadLine } from './load.ts'
import { noticesOver } from './notices.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import {
  queryAlerts,
  queryBooks,
  queryClocks,
  queryEvidence,
  queryEvidenceSize,
  queryLedger,
  queryMembers,
  queryParts,
  queryQuarantine,
} from './queries.ts'
import { retire } from './retire.ts'
import { verify } from './verify.ts'

export interface StoreOptions extends OpenOptions {
  readonly chain: Chain
  /** Names a new epoch; asked once for a new file. */
  readonly random: () => string
}

/** Opens the store in one SQLite file. Throws as `openDatabase` does. */
export function openStore(options: StoreOptions): Store {
  const database = openDatabase(options)
  const { feed, forwarders, days, commit, audit, notices } = partsOver(database, options)
  const listeners = new Set<(lane: Lane) => void>()

  return {
    load: async () => loadLine(database),
    commit: async (change) => tell(listeners, runCommit(commit, change)),
    alerts: async (filter, limit, after) => queryAlerts(database, filter, limit, after),
    alert: async (id) => oneAlert(database, id),
    evidence: (id) => queryEvidence(database, id),
    parts: async (id) => queryParts(database, id),
    evidenceSize: async (id) => queryEvidenceSize(database, id),
    ...audit,
    ...notices,
    members: async (id, limit, after) => queryMembers(database, id, limit, after),
    books: async () => queryBooks(database),
    ledger: async () => queryLedger(database),
    clocks: async () => queryClocks(database),
    canaries: async (limit) => queryCanaries(database, limit),
    quarantine: async (limit, after) => queryQuarantine(database, limit, after),
    epoch: async () => feed.epoch(),
    renewEpoch: async () => {
      feed.renewEpoch(options.random())
      return feed.epoch()
    },
    heads: async () =>
      Object.fromEntries(LANES.map((lane) => [lane, feed.head(lane)])) as Record<Lane, LaneHead>,
    base: async (lane) => feed.base(lane),
    chainAt: async (lane, seq) => feed.chainAt(lane, seq),
    read: async (lane, after, bytesMax) => feed.read(lane, after, bytesMax),
    forwarders: async () => forwarders.all(),
    openSession: async (name, session, outputs, at) => forwarders.openSession(name, session, outputs, at),
    mark: async (name, marks, at) => forwarders.mark(name, marks, at),
    addLink: async (counts) => days.addLink(counts),
    markOwnLink: async (name, counts) => days.markOwnLink(name, counts),
    linkDays: async (from, to) => days.linkDays(from, to),
    rawDays: async (from, to) => days.rawDays(from, to),
    waiting: async (lane, after, entriesMax) => days.waiting(lane, after, entriesMax),
    onAppend: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    retire: async (policy, now) => retire(database, policy, now),
    verify: async () => verify(database, options.chain),
    close: async () => {
      database.close()
    },
  }
}

/** Prepares every statement: a file whose tables are not as we made them is refused here. */
function partsOver(database: Database, { path, chain, random }: StoreOptions) {
  try {
    const feed = new FeedLog(database, chain, random)
    const [forwarders, days] = [new Forwarders(database), new LedgerDays(database)]
    const [audit, notices] = [auditOver(database), noticesOver(database)]
    return { feed, forwarders, days, commit: prepareCommit(database, feed), audit, notices }
  } catch (cause) {
    database.close()
    throw new WeirError('STORE_FAILED', `cannot use the store at ${path}`, { cause })
  }
}

function runCommit(commit: (change: Commit) => ReadonlySet<Lane>, change: Commit): ReadonlySet<Lane> {
  try {
    return commit(change)
  } catch (cause) {
    throw new WeirError('STORE_FAILED', 'cannot commit; nothing of this batch was kept', { cause })
  }
}

function tell(listeners: ReadonlySet<(lane: Lane) => void>, lanes: ReadonlySet<Lane>): void {
  for (const lane of lanes) for (const listener of listeners) listener(lane)
}

function oneAlert(database: Database, id: string): Alert | undefined {
  const doc = database.prepare('select doc from alert where id = ?').pluck().get(id) as string | undefined
  return doc === undefined ? undefined : (JSON.parse(doc) as Alert)
}
