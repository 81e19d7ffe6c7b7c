import { type Comparison, compareAlerts, judge, type Network, type Progress } from '@weir/emulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from './until.ts'
import { weir } from './weir.ts'
import { type Books, booksOf, smallScenario, World } from './world.ts'

/** The same records for every run, so that their alerts can be held against each other. */
const scenario = smallScenario(202)

/** What happens when a share of the records has been handed over; the traffic goes on meanwhile. */
interface Act {
  readonly at: number
  readonly act: (network: Network) => unknown
}

/** Both sides killed, one after the other and at once; every link cut, and two of them dead for a while. */
const CHAOS: readonly Act[] = [
  { at: 0.1, act: (network) => network.restartAggregator() },
  { at: 0.15, act: ({ links }) => links.amqp.drop() },
  { at: 0.2, act: (network) => network.restartForwarder() },
  { at: 0.25, act: ({ links }) => links.vpn.stall() },
  { at: 0.3, act: (network) => network.restartAggregator() },
  { at: 0.4, act: ({ links }) => links.blob.drop() },
  { at: 0.45, act: ({ links }) => links.vpn.resume() },
  { at: 0.5, act: ({ links }) => links.amqp.stall() },
  { at: 0.55, act: ({ links }) => links.vpn.cut() },
  { at: 0.65, act: ({ links }) => links.amqp.resume() },
  { at: 0.7, act: (network) => network.restartForwarder() },
  { at: 0.75, act: ({ links }) => links.vpn.resume() },
  { at: 0.8, act: ({ links }) => links.blob.drop() },
  {
    at: 0.9,
    act: (network) => Promise.all([network.restartAggregator(), network.restartForwarder()]),
  },
]

const READERS = { group: '$Default' }
const BUSY = 'com.microsoft:server-busy'

/**
 * What Event Hubs does on a bad day. Only Weir's own connections run through the link, so it is Weir that meets it.
 * A token refused comes last: it is for an operator to mend, but the next attempt comes soon.
 */
const BAD_DAY: readonly Act[] = [
  { at: 0.02, act: fault({ point: 'deliver', match: READERS, times: 60, action: 'duplicate' }) },
  { at: 0.1, act: control('/detach', { hub: 'entra', condition: BUSY }) },
  { at: 0.2, act: control('/detach', { hub: 'activity', partition: '1' }) },
  {
    at: 0.3,
    act: fault({ point: 'attach', match: READERS, times: 4, action: 'refuse', condition: BUSY }),
  },
  { at: 0.4, act: fault({ point: 'attach', match: READERS, times: 2, action: 'stall', ms: 300 }) },
  { at: 0.5, act: fault({ point: 'deliver', match: READERS, times: 5, action: 'stall', ms: 300 }) },
  { at: 0.6, act: fault({ point: 'deliver', match: READERS, times: 2, action: 'drop' }) },
  { at: 0.7, act: fault({ point: 'connection', times: 1, action: 'drop' }) },
  { at: 0.8, act: fault({ point: 'deliver', match: READERS, times: 20, after: 5, action: 'duplicate' }) },
  { at: 0.9, act: fault({ point: 'put-token', action: 'refuse', condition: 'amqp:unauthorized-access' }) },
]

/** Orders a fault and cuts Weir's connections; over when Weir has met it, except for one that traffic must bring. */
function fault(rule: { readonly point: string } & Readonly<Record<string, unknown>>): Act['act'] {
  return async (network) => {
    await control('/faults', rule)(network)
    network.links.amqp.drop()
    if (rule.point === 'deliver') return
    await until(`the fault at ${rule.point} is met`, async () => {
      const left = await faultsLeft(network)
      return left.every(({ point }) => point !== rule.point)
    })
  }
}

function control(path: string, body: object): (network: Network) => Promise<void> {
  return async ({ hubs }) => {
    const response = await fetch(`${hubs.ready.control}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  }
}

async function faultsLeft({ hubs }: Network): Promise<readonly { readonly point: string }[]> {
  const state = await fetch(`${hubs.ready.control}/state`)
  return ((await state.json()) as { faults: { point: string }[] }).faults
}

interface Run extends Comparison {
  readonly books: Books
  readonly missed: readonly string[]
  readonly health: readonly string[]
  readonly verified: { readonly code: number | null; readonly stderr: string }
  /** Faults ordered from the hubs that nobody has met. */
  readonly faultsLeft: readonly unknown[]
}

/** Plays the scenario in a world of its own, to its end. */
async function play(acts: readonly Act[]): Promise<Run> {
  const world = await World.start()
  try {
    const { gate, over } = stage(world.network, acts)
    await world.flow(scenario, gate)
    await over()
    await world.settled()
    return await outcome(world)
  } finally {
    await world.stop()
  }
}

function stage(network: Network, acts: readonly Act[]) {
  const waiting = [...acts]
  let underway: Promise<unknown> | undefined
  const gate = async ({ records }: Progress): Promise<void> => {
    while (waiting.length > 0 && waiting[0]!.at * scenario.totals.records <= records) {
      await underway
      underway = Promise.resolve(waiting.shift()!.act(network))
    }
  }
  return { gate, over: async () => void (await underway) }
}

async function outcome(world: World): Promise<Run> {
  const { network } = world
  const kept = await world.kept()
  const { missed, health } = judge(kept, scenario.planted)
  const client = network.client()
  const compared = await compareAlerts(client, kept).finally(() => client.close())
  return {
    ...compared,
    missed,
    health: health.map(({ rule }) => rule),
    books: await world.books(),
    verified: await weir(['verify', '--config', network.files.aggregator], network.env),
    faultsLeft: await faultsLeft(network),
  }
}

let calm: Run
let rough: Run
let badDay: Run

beforeAll(async () => {
  ;[calm, rough, badDay] = await Promise.all([play([]), play(CHAOS), play(BAD_DAY)])
}, 180_000)

test('undisturbed, every step of the attack is found, and the books say what was written', () => {
  expect(calm.missed).toEqual([])
  expect(calm.books).toEqual(booksOf(scenario))
  expect(calm.delivered).toBe(calm.alerts)
  expect(calm.health).toEqual([])
  expect(calm.verified).toMatchObject({ code: 0 })
})

describe('sides killed and links cut while records are in flight', () => {
  test('the SIEM has the same alerts with the same events, in their last revision', () => {
    expect(rough.same).toEqual(calm.same)
    expect(rough.delivered).toBe(rough.alerts)
  })

  test('every record is in the books once; a restart forgets no more than which ones are repeats', () => {
    const { read, quarantined, normalized, duplicates } = booksOf(scenario)
    expect(rough.books).toMatchObject({ read, quarantined })
    expect(rough.books.normalized + rough.books.duplicates).toBe(normalized + duplicates)
    expect(rough.books.duplicates).toBeLessThanOrEqual(duplicates)
    expect(rough.verified).toMatchObject({ code: 0 })
  })
})

describe('hubs that refuse, detach, stall, drop and deliver twice', () => {
  test('every fault was met', () => {
    expect(badDay.faultsLeft).toEqual([])
  })

  test('every record is in the books once', () => {
    expect(badDay.books).toEqual(booksOf(scenario))
    expect(badDay.verified).toMatchObject({ code: 0 })
  })

  test('the SIEM has the same alerts with the same events', () => {
    expect(badDay.same).toEqual(calm.same)
    expect(badDay.delivered).toBe(badDay.alerts)
  })
})
