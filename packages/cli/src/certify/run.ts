import { loadRuleFolders } from '@weir/aggregator'
import { STDIN } from '@weir/ingest'
import { systemClock, WeirError } from '@weir/runtime'
import { EXIT } from '../exit.ts'
import { type Inputs, type InputWatch, inputsOf } from '../inputs.ts'
import { JsonLines, type Output, outputOf } from '../output.ts'
import { refuseErrors } from '../rule-problems.ts'
import { watchInputs } from '../watch-inputs.ts'
import { type Certificate, Certification, type CertifiedInput } from './certification.ts'
import { type Hashed, hashed } from './hashed.ts'

interface CertifyOptions {
  readonly rules: string[]
  readonly input: string[]
  readonly out?: string
  readonly sample: number
  readonly json?: boolean
}

/** Proves on the user's own rules and records that compiled matching says what json-rules-engine says. */
export async function runCertify(options: CertifyOptions, of: NodeJS.Process): Promise<void> {
  const output = outputOf(of)
  const rules = await loadRuleFolders(options.rules)
  refuseErrors(rules, output)
  const inputs = await inputsOf(options.input, of)
  refuseStandardInput(inputs)
  const out = await JsonLines.open(options.out)
  const hashes = await hashesOf(inputs.files)
  const certification = new Certification(rules, options.sample)
  const broken = await readAll(inputs, certification, of.stderr, output)
  const read = inputs.files.map(
    (file): CertifiedInput => ({ file, ...hashes.get(file)!, complete: !broken.has(file) }),
  )
  const certificate = certification.certificate(read, process.version, systemClock.now())
  await out.write(certificate)
  await out.close()
  if (options.json === true) output.json(certificate)
  else for (const line of linesOf(certificate)) output.line(line)
  if (certificate.differences > 0) process.exitCode = EXIT.findings
}

function refuseStandardInput({ files }: Inputs): void {
  if (files.includes(STDIN))
    throw new WeirError(
      'INPUT_UNREADABLE',
      'a certificate names files by their SHA-256: write standard input to a file first',
    )
}

/** One file after another, however many there are. */
async function hashesOf(files: readonly string[]): Promise<ReadonlyMap<string, Hashed>> {
  const hashes = new Map<string, Hashed>()
  for (const file of files) hashes.set(file, await hashed(file))
  return hashes
}

/** Compares file by file; resolves to those that broke off. */
async function readAll(
  inputs: Inputs,
  certification: Certification,
  stderr: NodeJS.WriteStream,
  output: Output,
): Promise<ReadonlySet<string>> {
  const broken = new Set<string>()
  const watch = await watchInputs(inputs, stderr, output)
  const noting: InputWatch = {
    read: watch.read,
    ended: (file, failure) => {
      if (failure !== undefined) broken.add(file)
      watch.ended(file, failure)
    },
  }
  for (const { name, messages } of inputs.watched(noting))
    for (let next = await messages.next(); next.done !== true; next = await messages.next())
      await certification.add(name, next.value)
  watch.clear()
  return broken
}

function linesOf(certificate: Certificate): string[] {
  const { differences_listed: listed, rules, rules_not_compared: unseen, inputs } = certificate
  const { records, events, events_compared: compared, pairs, hits, differences, sample } = certificate
  return [
    ...listed.map(({ rule, event_id, position, hit_by }) => {
      const { partition, at, index } = position
      return `differs  ${rule}  event ${event_id}  ${partition}@${at} record ${index}  a hit to the ${hit_by} only`
    }),
    `${Object.keys(rules).length} rules, ${inputs.length} files, ${records} records, ${events} events` +
      (sample > 1 ? `, of which one in ${sample} was compared: ${compared}` : ''),
    `${pairs} pairs of rule and event, ${hits} hits, ${differences} differences`,
    ...(unseen.length > 0
      ? [
          `of ${unseen.length} rules nothing was compared: no event of their datasets, or no conditions of their own`,
        ]
      : []),
  ]
}
