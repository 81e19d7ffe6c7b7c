import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { type Broken, chainAfter, chainStart, lineDigest, type MarksRequest } from '@weir/contract'
import { INBOX_BOUNDS, inboxSource } from '@weir/ingest'
import type { HealthCode, HealthReport, PartitionState, Store } from '@weir/model'
import { DEFAULTS, RUNNER_DEFAULTS, Runner, WATCH_DEFAULTS } from '@weir/pipeline'
import { type Clock, Lifecycle, type Report, type Stoppable, WeirError } from '@weir/runtime'
import { openStore } from '@weir/store'
import type { FastifyInstance } from 'fastify'
import { API_LIMITS, type StatusReader } from './api/context.ts'
import { createApi } from './api/server.ts'
import type { AggregatorConfig } from './config.ts'
import { defined } from './config-parts.ts'
import { CredentialEnds, watchCredentials } from './credentials.ts'
import { freeBytes, watchDisk } from './disk.ts'
import { filtersOf } from './filters.ts'
import { notify } from './notify/notify.ts'
import { freshSecrets } from './notify/secrets.ts'
import { refetcher } from './refetch.ts'
import { freshTokens, keepFresh } from './refresh.ts'
import { RuleKeeper } from './rule-keeper.ts'
import { RECONCILE, sourceOf } from './sources.ts'
import { FreshTls, freshCertificate } from './tls.ts'
import { credentialsOf } from './tokens.ts'
import { keepUp } from './upkeep.ts'
import { VERSION } from './version.ts'

export interface AggregatorPorts {
  readonly clock: Clock
  readonly report: Report
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number
}

export interface Aggregator extends Stoppable {
  /** Where the API listens. */
  readonly url: string
}

/** Opens the store, starts the line and serves the API. What was started before a failure is stopped again. */
export async function startAggregator(config: AggregatorConfig, ports: AggregatorPorts): Promise<Aggregator> {
  const lifecycle = new Lifecycle()
  try {
    return await start(config, ports, lifecycle)
  } catch (error) {
    await lifecycle.stop().catch(() => undefined)
    throw error
  }
}

async function start(
  config: AggregatorConfig,
  ports: AggregatorPorts,
  lifecycle: Lifecycle,
): Promise<Aggregator> {
  const { clock, report } = ports
  const store = openAggregatorStore(config)
  lifecycle.add('store', { stop: () => store.close() })

  // Rules are loaded before there is a line to tell of them; what they say meanwhile waits here.
  const early: HealthReport[] = []
  const line: { runner?: Runner } = {}
  const health = (each: HealthReport): void =>
    line.runner === undefined ? void early.push(each) : line.runner.health(each)
  const rules = await RuleKeeper.open(config.rules.folders, {
    clock,
    report,
    health,
    replace: (set) => line.runner?.replaceRules(set),
  })
  const inbox = inboxSource(RECONCILE_INBOX, ports)
  const sources = [...config.sources.map((each) => sourceOf(each, ports)), inbox]
  const runner = new Runner(runnerSettings(config), { ...ports, store, sources }, rules.rules)
  line.runner = runner
  for (const each of early) runner.health(each)

  const tls = config.api.tls && new FreshTls(config.api.tls)
  const ends = new CredentialEnds(config.api.tokens, tls)
  const api = createApi({
    store,
    credentials: credentialsOf(config.api.tokens),
    forwarders: config.forwarders.map(({ name, filter, link }) => ({
      name,
      ...(filter === undefined ? {} : { filter: defined(filter) }),
      ...(link === undefined ? {} : { link: defined(link) }),
    })),
    status: {
      ...statusOf(runner, rules, health, clock),
      ...ends.reader(),
      refetch: refetcher(sources, report),
    },
    take: ({ bytes, ...push }) => inbox.push({ ...push, pieces: [bytes] }),
    ...(tls && { tls: tls.pem }),
    clock,
    report,
    random: () => randomUUID(),
    limits: API_LIMITS,
    version: VERSION,
  })
  lifecycle.add('api', { stop: () => api.close() })
  const url = await listen(api, config.api)

  const running = new AbortController()
  const work = Promise.all([
    runner.run(running.signal),
    rules.watch(config.rules.reloadEvery, running.signal),
    keepFresh(
      [
        ...freshTokens(config.api.tokens),
        ...freshCertificate(api.server, tls, 'certificate of the API'),
        ...freshSecrets(config.notify),
      ],
      ports,
      running.signal,
    ),
    watchCredentials(ends, { clock, health, raised: () => runner.raised() }, running.signal),
    notify(config.notify, { ...ports, store, health, raised: () => runner.raised() }, running.signal),
    watchDisk(
      { folder: dirname(config.store.path), freeBytesMin: config.watch.diskFreeBytesMin },
      { clock, report, health, freeBytes },
      running.signal,
    ),
    keepUp(
      { retention: retentionOf(config), forwarderGoneSecondsMax: config.watch.forwarderGoneSecondsMax },
      { store, clock, report, health },
      running.signal,
    ),
  ])
  lifecycle.add('line', {
    stop: async () => {
      running.abort()
      await work
    },
  })
  return { url, stop: () => lifecycle.stop() }
}

/** Where records come in that somebody found elsewhere; most aggregators never see one, so it tells its state rarely. */
const RECONCILE_INBOX = { ...INBOX_BOUNDS, name: RECONCILE, statusMs: 10_000 }

async function listen(api: FastifyInstance, { host, port }: AggregatorConfig['api']): Promise<string> {
  try {
    return await api.listen({ host, port })
  } catch (cause) {
    throw new WeirError('LISTEN_FAILED', `cannot listen on ${host}:${port}`, { cause })
  }
}

/** The store of a configuration, chained as the wire says. */
export function openAggregatorStore({ store }: Pick<AggregatorConfig, 'store'>): Store {
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  return openStore({
    path: store.path,
    chain,
    random: () => randomUUID(),
    ...defined({ pagesMax: store.pagesMax }),
  })
}

function runnerSettings(config: AggregatorConfig): ConstructorParameters<typeof Runner>[0] {
  const { line, watch } = config
  const correlate = {
    ...DEFAULTS.correlate,
    ...defined({
      quietMs: line.quietRevision,
      membersPerGroupMax: line.membersPerGroupMax,
      groupsPerRuleMax: line.groupsPerRuleMax,
      termsPerRuleMax: line.termsPerRuleMax,
      wholeGroupsPerRuleMax: line.wholeGroupsPerRuleMax,
    }),
  }
  const { forwarderGoneSecondsMax: _, diskFreeBytesMin: __, silent, ...watched } = watch
  return {
    ...RUNNER_DEFAULTS,
    ...defined({
      queueBytesMax: line.queueBytesMax,
      batchBytesMax: line.batchBytesMax,
      groupCommitMs: line.groupCommit,
    }),
    watch: {
      ...WATCH_DEFAULTS,
      ...defined(watched),
      silentMs: { ...silent, [RECONCILE]: Number.POSITIVE_INFINITY },
    },
    line: {
      ...DEFAULTS,
      ...defined({
        skewMs: line.skewMax,
        repeatsRecordsMax: line.repeatsRecordsMax,
        evidenceRecordsMax: line.evidenceRecordsMax,
      }),
      correlate,
      blind: {
        ...DEFAULTS.blind,
        ...defined({ blindMsMin: line.blindAfter, blindEventsMin: line.blindEventsMin }),
      },
      latenessMs: config.lateness,
      drop: filtersOf(config.drop),
      version: VERSION,
    },
  }
}

/** Of each lane; a stub is about 300 bytes. */
const FEED_TOMBSTONES_MAX = 100_000

/** A year can be held against the one before; a day is a row for each source and caller. */
const LEDGER_DAYS_MAX = 400

function retentionOf({ store, forwarders }: AggregatorConfig): Parameters<Store['retire']>[0] {
  const { alertDaysMax, quarantineDaysMax, feedBytesMax, storeBytesMax } = store
  return {
    forwarders: forwarders.map((each) => each.name),
    alertDaysMax,
    quarantineDaysMax,
    ledgerDaysMax: LEDGER_DAYS_MAX,
    feedBytesMax,
    feedTombstonesMax: FEED_TOMBSTONES_MAX,
    storeBytesMax,
  }
}

function statusOf(
  runner: Runner,
  rules: RuleKeeper,
  health: (report: HealthReport) => void,
  clock: Clock,
): StatusReader {
  const stuck = new Map<string, Set<string>>()
  const told = new Set<string>()
  const condition = (code: HealthCode, subject: string, detail: string | undefined, over: string): void => {
    const key = `${code} ${subject}`
    if (detail !== undefined) {
      told.add(key)
      health({ code, subject, state: 'raised', detail })
      return
    }
    // It may stand from before a restart, when nobody here had heard of it.
    const stands = runner.raised().some((each) => each.code === code && each.subject === subject)
    if (told.delete(key) || stands) health({ code, subject, state: 'cleared', detail: over })
  }
  return {
    rules: () => rules.reply(),
    partitions: () => {
      const now = clock.now()
      return runner
        .partitions()
        .flatMap((view) =>
          view.state === 'unknown' ? [] : [{ kind: 'state', ...view, now } as PartitionState],
        )
    },
    pending: () => runner.pending(),
    raised: () => runner.raised(),
    forked: (forwarder, detail) => {
      // An instant, not a condition: it opens and closes at once, and stays in the SIEM.
      for (const state of ['raised', 'cleared'] as const)
        health({ code: 'feed-forked', subject: forwarder, state, detail })
    },
    linkBudget: (forwarder, state, detail) =>
      health({ code: 'link-budget', subject: forwarder, state, detail }),
    outputsStuck: (forwarder, list) => {
      const subjects = new Set(list.map(({ output }) => `${forwarder} ${output}`))
      // A condition may stand from before a restart, when nobody here had heard of it.
      const before = runner.raised().filter(({ code, subject }) => isOutputOf(forwarder, code, subject))
      const known = new Set([...before.map(({ subject }) => subject), ...(stuck.get(forwarder) ?? [])])
      for (const subject of [...known].filter((each) => !subjects.has(each)))
        health({ code: 'output-refused', subject, state: 'cleared', detail: 'It acknowledges again.' })
      for (const { output, reason, seconds } of list) {
        const detail = `Not acknowledged for ${Math.round(seconds)} s: ${reason.slice(0, REASON_CHARS_MAX)}`
        health({ code: 'output-refused', subject: `${forwarder} ${output}`, state: 'raised', detail })
      }
      stuck.set(forwarder, subjects)
    },
    spoolTold: (forwarder, spool) =>
      condition('spool-bound', forwarder, spool && boundWords(spool), 'There is room again.'),
    brokenTold: (forwarder, at) =>
      condition('chain-broken', forwarder, at && brokenWords(at), 'Pages go through again.'),
    diskTold: (forwarder, disk) =>
      condition('disk-low', `spool of ${forwarder}`, disk && diskWords(disk), 'There is room again.'),
  }
}

/** Of what a place answered; more of it says no more, and would cross the link again. */
const REASON_CHARS_MAX = 1000

function boundWords({ bytesMax, paused, closed }: NonNullable<MarksRequest['spool']>): string {
  const waits = paused.length === 0 ? '' : `, and pulling pauses (${paused.join(', ')})`
  const lost =
    closed === 0 ? '' : `; ${closed} of the oldest bulk alerts were closed before every output had them`
  return `${bytesMax} bytes of alerts wait for outputs${waits}${lost}`
}

function brokenWords({ lane, seq, reason }: Broken): string {
  return `Its ${lane} lane is good up to entry ${seq}, and does not continue there: ${reason}`
}

function diskWords({ freeBytes, freeBytesMin }: NonNullable<MarksRequest['disk']>): string {
  return `${freeBytes} bytes are free; the least is ${freeBytesMin}.`
}

function isOutputOf(forwarder: string, code: string, subject: string): boolean {
  return code === 'output-refused' && subject.startsWith(`${forwarder} `)
}
