import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EvidenceLine, EvidenceSize } from '@weir/contract'
import { WeirError } from '@weir/runtime'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { writing } from '../writing.ts'
import { type EvidenceProgress, megabytes } from './evidence-progress.ts'

interface EvidenceOptions extends ConnectionOptions {
  readonly out?: string
  readonly json?: boolean
  readonly bytesMax: number
}

/** Asks how much it would be before anything crosses the link, and no more than `bytesMax` of records ever does. */
export function fetchEvidence(
  id: string,
  options: EvidenceOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
  progress?: EvidenceProgress,
): Promise<void> {
  const { out, json, bytesMax } = options
  return withClient(options, environment, async (client) => {
    const size = await client.evidenceSize(id)
    if (size.bytesExpected > bytesMax) throw tooMuch(size, bytesMax)
    if (out !== undefined) await writing(out, () => mkdir(out, { recursive: true }))
    const tally = new Tally()
    for await (const line of client.evidence(id)) {
      const record = recordOf(line)
      tally.add(line, record)
      if (tally.bytes > bytesMax) throw moreCame(tally, size, bytesMax)
      progress?.show(tally.members, size.members, tally.bytes)
      if (record === 'damaged')
        output.note(`${line.eventId}: its record does not have the SHA-256 ${line.sha256}; left out`)
      else if (out !== undefined) tellFile(line, await keep(out, line, record), json === true, output)
      else if (json === true) output.json(line)
      else if (record !== undefined) output.bytes(oneLine(record))
      await output.ready()
    }
    progress?.clear()
    output.note(tally.words())
    if (tally.damaged > 0) process.exitCode = EXIT.findings
  })
}

function tooMuch({ members, bytes, bytesExpected, lacking }: EvidenceSize, bytesMax: number): WeirError {
  const kept = `${megabytes(bytes)} are kept, ${lacking} records would be fetched again`
  const figures = `the records of its ${members} members are about ${megabytes(bytesExpected)} (${kept})`
  return new WeirError('WRONG_USE', `${figures}, more than ${megabytes(bytesMax)}; ${REMEDY}`)
}

/** The records that were fetched again were larger than those that are kept. */
function moreCame(tally: Tally, { members }: EvidenceSize, bytesMax: number): WeirError {
  const came = `the records of ${tally.members} of ${members} members were more than ${megabytes(bytesMax)}`
  return new WeirError('WRONG_USE', `${came}, and the rest was not fetched; ${REMEDY}`)
}

const REMEDY = 'give --bytes-max to fetch them all the same'

/** The bytes of a member's record; `undefined` where they did not come with it. */
function recordOf({ bytes: base64, sha256 }: EvidenceLine): Buffer | 'damaged' | undefined {
  if (base64 === undefined) return undefined
  const bytes = Buffer.from(base64, 'base64')
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : 'damaged'
}

async function keep(
  folder: string,
  { sha256 }: EvidenceLine,
  record: Buffer | undefined,
): Promise<string | undefined> {
  if (record === undefined) return undefined
  const file = join(folder, `${sha256}.json`)
  await writing(file, () => writeFile(file, record))
  return file
}

function tellFile(line: EvidenceLine, file: string | undefined, json: boolean, output: Output): void {
  const { bytes: _, ...rest } = line
  if (json) output.json(file === undefined ? rest : { ...rest, file })
  else if (file !== undefined) output.line(file)
}

/** Between members of JSON a line break is as good as a space; within its texts there is none. */
function oneLine(record: Buffer): Buffer {
  return Buffer.from(record.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)))
}

/** What came and what did not. */
class Tally {
  readonly #records = new Set<string>()
  readonly #without = new Map<string, number>()
  members = 0
  /** Of records. */
  bytes = 0
  damaged = 0

  /** A member that shares the record of an earlier one (a flow tuple) names its digest alone. */
  add({ sha256, absent }: EvidenceLine, record: Buffer | 'damaged' | undefined): void {
    this.members += 1
    if (record === 'damaged') this.damaged += 1
    else if (record !== undefined) {
      this.#records.add(sha256!)
      this.bytes += record.length
    } else if (sha256 === undefined || !this.#records.has(sha256)) {
      const why = absent ?? 'no reason told'
      this.#without.set(why, (this.#without.get(why) ?? 0) + 1)
    }
  }

  words(): string {
    const count = [...this.#without.values()].reduce((sum, each) => sum + each, 0)
    const why = [...this.#without].map(([reason, members]) => `${reason} ${members}`).join(', ')
    const without = count === 0 ? '' : `, ${count} members without (${why}; --json has their positions)`
    const damaged = this.damaged === 0 ? '' : `, ${this.damaged} damaged`
    return `${this.members} members, ${this.#records.size} records${without}${damaged}`
  }
}
