import { parseArgs } from 'node:util'
import { RECEIVE, RECEIVE_QUICK, type ReceiveSizes } from './receive.ts'

/** What one run measures. */
export interface Options {
  readonly json: boolean
  /** Folder of the user's rules, in place of generated ones. */
  readonly rules: string | undefined
  /** File or folder of the user's records, in place of made-up ones. */
  readonly records: string | undefined
  /** Share of generated rules without an equality, 0 to 1. */
  readonly hardShare: number
  readonly seed: number
  readonly lanes: readonly LaneName[]
  readonly sizes: Sizes
  /** How many generated rules there are in each part of the run. */
  readonly ruleCounts: readonly number[]
  /** Groups of the lane of correlation's state, which runs by itself. */
  readonly stateGroups: number | undefined
  /** The lane of receiving from a hub, which runs by itself. */
  readonly receive: ReceiveSizes | undefined
}

export interface Sizes {
  /** Records in one round; every lane of the round reads the same ones, and no later round does. */
  readonly eventsPerRound: number
  readonly rounds: number
  /** First rounds that are not counted: code is not yet compiled. */
  readonly warmUpRounds: number
  /** Rules times events of one round of the naive lane, which would take hours otherwise. */
  readonly naiveTestsPerRound: number
}

const LANES = ['parse', 'parse+match', 'pipeline', 'gzip', 'naive'] as const
export type LaneName = (typeof LANES)[number]

/** Measured on the public Sigma rules for cloud services. */
const HARD_SHARE = 0.05

/** A round is one commit: short, so that a neighbour's burst of work falls on all lanes of a round or on none. */
const FULL: Sizes = { eventsPerRound: 4_500, rounds: 75, warmUpRounds: 15, naiveTestsPerRound: 9_000 }
const QUICK: Sizes = { eventsPerRound: 200, rounds: 3, warmUpRounds: 1, naiveTestsPerRound: 1_000 }

export const USAGE = `npm run bench -- [options]

  --json              one JSON line per lane and number of rules, instead of a table
  --rules DIR         rules from a folder, instead of 20, 300 and 3,000 generated ones
  --records PATH      records from a file or folder, in any form that Weir reads, instead of made-up ones
  --rule-counts LIST  numbers of generated rules (20,300,3000)
  --hard-share SHARE  share of generated rules without an equality (${HARD_SHARE})
  --lanes LIST        ${LANES.join(',')}
  --state N           correlation's state at N groups (1000000), and nothing else
  --receive           from a hub into a store, beside the bare SDK client, and nothing else
  --rounds N          rounds for each number of rules, ${FULL.warmUpRounds} of them to warm up (${FULL.rounds})
  --seed N            another set of records and rules (1)
  --quick             a few events only: does it run at all
  --help              this text
`

/** Reads the command line; `undefined` when only the help is wanted. Throws RangeError or TypeError on wrong use. */
export function optionsOf(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      rules: { type: 'string' },
      records: { type: 'string' },
      'rule-counts': { type: 'string', default: '20,300,3000' },
      'hard-share': { type: 'string', default: String(HARD_SHARE) },
      lanes: { type: 'string', default: LANES.join(',') },
      rounds: { type: 'string' },
      state: { type: 'string' },
      receive: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  })
  if (values.help) return undefined
  const sizes = values.quick ? QUICK : FULL
  return {
    json: values.json,
    rules: values.rules,
    records: values.records,
    hardShare: within('hard-share', values['hard-share'], 0, 1),
    seed: within('seed', values.seed, 0, 2 ** 32 - 1),
    lanes: lanesOf(values.lanes),
    sizes: values.rounds === undefined ? sizes : { ...sizes, rounds: roundsOf(values.rounds, sizes) },
    ruleCounts: values['rule-counts'].split(',').map((count) => within('rule-counts', count, 1, 100_000)),
    stateGroups: values.state === undefined ? undefined : Math.floor(within('state', values.state, 50, 1e7)),
    receive: values.receive ? (values.quick ? RECEIVE_QUICK : RECEIVE) : undefined,
  }
}

function within(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (text.trim() !== '' && number >= least && number <= most) return number
  throw new RangeError(`--${name} takes a number from ${least} to ${most}, not "${text}"`)
}

function roundsOf(text: string, { warmUpRounds }: Sizes): number {
  return Math.floor(within('rounds', text, warmUpRounds + 1, 10_000))
}

/** Every other lane is held against the first, so that one always runs. */
function lanesOf(text: string): readonly LaneName[] {
  const named = text.split(',')
  const unknown = named.find((name) => !LANES.some((lane) => lane === name))
  if (unknown !== undefined) throw new RangeError(`--lanes knows ${LANES.join(', ')}, not "${unknown}"`)
  return LANES.filter((lane) => lane === 'parse' || named.includes(lane))
}
