import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import {
  chainAfter,
  chainNext,
  chainStart,
  feedLine,
  type Lane,
  lineDigest,
  type MarksRequest,
  SESSION_HEADER,
  type SessionReply,
  type SessionRequest,
} from '@weir/contract'
import type { Alert, AlertRevision, Commit, PartitionState, Severity, Store, StoredMember } from '@weir/model'
import { type Clock, createReport } from '@weir/runtime'
import { openStore } from '@weir/store'
import type { FastifyInstance } from 'fastify'
import { API_LIMITS, type ApiContext, type StatusReader } from '../src/api/context.ts'
import { createApi } from '../src/api/server.ts'

export const START = Date.parse('2026-03-01T12:00:00.000Z')
export const TOKENS = {
  reader: 'read-1',
  admin: 'admin-1',
  north: 'north-1',
  south: 'south-1',
  stray: 'stray-1',
}

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #now = START
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  readonly #watchers = new Set<() => void>()

  now(): number {
    return this.#now
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return
    await new Promise<void>((resolve) => {
      const sleeper = { at: this.#now + ms, wake: () => this.#sleepers.delete(sleeper) && resolve() }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
      for (const watcher of this.#watchers) watcher()
    })
  }

  /** Resolves once so many sleep until exactly `ms` from now. */
  async sleeping(ms: number, count = 1): Promise<void> {
    const asleep = (): boolean =>
      [...this.#sleepers].filter((each) => each.at === this.#now + ms).length >= count
    if (asleep()) return
    await new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (asleep() && this.#watchers.delete(watcher)) resolve()
      }
      this.#watchers.add(watcher)
    })
  }

  get sleepers(): number {
    return this.#sleepers.size
  }

  advance(ms: number): void {
    this.#now += ms
    for (const each of [...this.#sleepers]) if (each.at <= this.#now) each.wake()
  }
}

interface Told {
  readonly forked: string[]
  readonly stuck: [string, NonNullable<MarksRequest['stuck']>][]
  readonly budgets: string[]
}

export interface Kit {
  readonly store: Store
  readonly api: FastifyInstance
  readonly clock: ManualClock
  readonly told: Told
  readonly context: ApiContext
  /** Log lines so far. */
  readonly log: () => string
  close(): Promise<void>
}

/** A real store in a file of its own, and the API over it. */
export function openKit(changes: Partial<ApiContext> = {}, status: Partial<StatusReader> = {}): Kit {
  const folder = mkdtempSync(join(tmpdir(), 'weir-api-'))
  const names = { epoch: 0, session: 0 }
  const store = openStore({
    path: join(folder, 'weir.db'),
    chain: { start: chainStart, next: chainAfter, digest: lineDigest },
    random: () => `epoch-${++names.epoch}`,
  })
  const lines: string[] = []
  const told: Told = { forked: [], stuck: [], budgets: [] }
  const clock = new ManualClock()
  const context: ApiContext = {
    store,
    credentials: [
      token('reader', 'reader', TOKENS.reader),
      token('boss', 'admin', TOKENS.admin),
      token('north', 'forwarder', TOKENS.north),
      token('south', 'forwarder', TOKENS.south),
      token('stray', 'forwarder', TOKENS.stray),
    ],
    forwarders: [{ name: 'north' }, { name: 'south', filter: { exceptRules: ['noise.*'] } }],
    status: { ...quietStatus(told), ...status },
    take: async () => undefined,
    clock,
    report: createReport('debug', linesInto(lines)),
    random: () => `session-${++names.session}`,
    limits: API_LIMITS,
    version: '1.2.3',
    ...changes,
  }
  const api = createApi(context)
  const close = async (): Promise<void> => {
    await api.close()
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { store, api, clock, told, context, log: () => lines.join(''), close }
}

function token(name: string, role: ApiContext['credentials'][number]['role'], text: string) {
  return { name, role, hash: createHash('sha256').update(text).digest('hex') }
}

function linesInto(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
}

function quietStatus(told: Told): StatusReader {
  return {
    rules: () => ({ hash: 'h1', loadedAt: new Date(START).toISOString(), refused: [], rules: [] }),
    partitions: (): readonly PartitionState[] => [],
    pending: () => ({ queued: 0, unsentRevisions: 0, openEpisodes: 0 }),
    raised: () => [],
    forked: (forwarder, detail) => told.forked.push(`${forwarder}: ${detail}`),
    linkBudget: (forwarder, state, detail) => told.budgets.push(`${forwarder} ${state}: ${detail}`),
    outputsStuck: (forwarder, stuck) => told.stuck.push([forwarder, stuck]),
  }
}

export function bearer(text: string): Record<string, string> {
  return { authorization: `Bearer ${text}` }
}

export function get(kit: Kit, url: string, as: string = TOKENS.reader, headers: Record<string, string> = {}) {
  return kit.api.inject({ method: 'GET', url, headers: { ...bearer(as), ...headers } })
}

export function post(
  kit: Kit,
  url: string,
  payload: object,
  as: string,
  headers: Record<string, string> = {},
) {
  return kit.api.inject({ method: 'POST', url, payload, headers: { ...bearer(as), ...headers } })
}

/** Opens a session and says where it may begin. */
export async function openSession(
  kit: Kit,
  as: string = TOKENS.north,
  standing: Partial<SessionRequest> = {},
): Promise<SessionReply> {
  const reply = await post(kit, '/v1/feed/session', { outputs: ['siem'], ...standing }, as)
  if (reply.statusCode !== 200) throw new Error(reply.body)
  return reply.json()
}

/** One call of the feed in a session. */
export function pull(kit: Kit, session: string, query: string, as: string = TOKENS.north) {
  return get(kit, `/v1/feed/${query}`, as, { [SESSION_HEADER]: session })
}

/** Reads a page as a forwarder must: every line continues the chain, and the end line agrees. */
export function walk(lane: Lane, from: { seq: number; chain: string }, body: Buffer | string) {
  const alerts: string[] = []
  const skips: string[] = []
  let { seq, chain } = from
  for (const text of String(body).trimEnd().split('\n')) {
    const line = feedLine.parse(JSON.parse(text))
    if ('end' in line) {
      if (line.end.lane !== lane || line.end.seq !== seq || line.end.chain !== chain)
        throw new Error(`arrived at ${seq} ${chain}, not at ${text}`)
      return { alerts, skips, seq, chain }
    }
    if ('skip' in line) {
      if (line.skip.from !== seq + 1) throw new Error(`skip after ${seq}: ${text}`)
      skips.push(`${line.skip.from}-${line.skip.to} ${line.skip.reason}`)
      seq = line.skip.to
      chain = line.skip.chain
    } else {
      if (line.seq !== seq + 1) throw new Error(`line after ${seq}: ${text}`)
      const { id, revision } = line.alert.weir.alert
      alerts.push(`${id}.${revision}`)
      seq = line.seq
      chain = chainNext(chain, Buffer.from(text))
    }
  }
  throw new Error('no end line')
}

export interface AlertLike {
  readonly revision?: number
  readonly severity?: Severity
  readonly rule?: string
  readonly user?: string
  readonly at?: number
}

export function alertOf(id: string, like: AlertLike = {}): Alert {
  const { revision = 1, severity = 'high', rule = 'entra.spray', user = 'ada', at: ms = START } = like
  const at = new Date(ms).toISOString()
  const position = { source: 'hub', partition: 'signin/0', at: '7', index: 0 }
  const events = [{ id: `${id}-e1`, dataset: 'azure.signinlogs', time: at, position }]
  return {
    '@timestamp': at,
    ecs: { version: '9.2.0' },
    message: `alert ${id}`,
    event: {
      kind: 'alert',
      id,
      dataset: 'weir.alert',
      module: 'weir',
      provider: 'weir',
      severity: 73,
      created: at,
      start: at,
      end: at,
    },
    rule: { id: rule, name: rule },
    related: { user: [user] },
    observer: { vendor: 'Weir', product: 'Weir', version: '1.2.3' },
    weir: {
      alert: {
        id,
        revision,
        kind: 'detection',
        status: 'open',
        severity,
        count: 1,
        first: at,
        last: at,
        group: { 'user.name': user },
        events,
        late_by_ms: 0,
      },
    },
  }
}

const NOTHING: Commit = {
  at: START,
  cursors: [],
  clocks: [],
  books: [],
  quarantine: [],
  ruleCounts: [],
  members: [],
  forgotten: [],
  sightings: [],
  passed: [],
  episodes: [],
  alerts: [],
  evidence: [],
  rhythms: [],
  canaries: [],
}

export async function commit(kit: Kit, changes: Partial<Commit>): Promise<void> {
  await kit.store.commit({ ...NOTHING, ...changes })
}

/** Commits alerts, each shipped. */
export async function ship(kit: Kit, ...alerts: readonly Alert[]): Promise<void> {
  await commit(kit, { alerts: alerts.map(revisionOf) })
}

function revisionOf(alert: Alert): AlertRevision {
  return { alert, severity: alert.weir.alert.severity, kind: 'detection', ship: true, once: false }
}

export function memberOf(episode: string, n: number): StoredMember {
  return {
    correlation: 'entra.spray',
    ruleHash: 'h',
    groupKey: 'g',
    value: `v${n}`,
    episode,
    match: {
      rule: 'entra.spray',
      ruleHash: 'h',
      identity: `i${n}`,
      subject: `e${n}`,
      eventId: `e${n}`,
      dataset: 'azure.signinlogs',
      time: START + n,
      lateMs: 0,
      position: { source: 'hub', partition: 'signin/0', at: String(n), index: 0 },
      fields: {},
    },
  }
}
