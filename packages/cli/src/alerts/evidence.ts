import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EvidenceLine } from '@weir/contract'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { writing } from '../writing.ts'

interface EvidenceOptions extends ConnectionOptions {
  readonly out?: string
  readonly json?: boolean
}

export function fetchEvidence(
  id: string,
  options: EvidenceOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  const { out, json } = options
  return withClient(options, environment, async (client) => {
    if (out !== undefined) await writing(out, () => mkdir(out, { recursive: true }))
    const tally = new Tally()
    for await (const line of client.evidence(id)) {
      const record = recordOf(line)
      tally.add(line, record)
      if (record === 'damaged')
        output.note(`${line.eventId}: its record does not have the SHA-256 ${line.sha256}; left out`)
      else if (out !== undefined) tellFile(line, await keep(out, line, record), json === true, output)
      else if (json === true) output.json(line)
      else if (record !== undefined) output.bytes(oneLine(record))
      await output.ready()
    }
    output.note(tally.words())
    if (tally.damaged > 0) process.exitCode = EXIT.findings
  })
}

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
  #members = 0
  #without = 0
  damaged = 0

  /** A member that shares the record of an earlier one (a flow tuple) names its digest alone. */
  add({ sha256 }: EvidenceLine, record: Buffer | 'damaged' | undefined): void {
    this.#members += 1
    if (record === 'damaged') this.damaged += 1
    else if (record !== undefined) this.#records.add(sha256!)
    else if (sha256 === undefined || !this.#records.has(sha256)) this.#without += 1
  }

  words(): string {
    const without =
      this.#without === 0 ? '' : `, ${this.#without} members without (--json has their positions)`
    const damaged = this.damaged === 0 ? '' : `, ${this.damaged} damaged`
    return `${this.#members} members, ${this.#records.size} records${without}${damaged}`
  }
}
