import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ImportedRule, importSigma, type SigmaFile, type SigmaImport } from '@weir/engine'
import { filesOf } from '@weir/ingest'
import { DATASETS } from '@weir/normalize'
import { WeirError } from '@weir/runtime'
import { EXIT } from '../exit.ts'
import { JsonLines, type Output, outputOf } from '../output.ts'
import { writing } from '../writing.ts'
import { sightingsOver } from './against.ts'
import { readMaps } from './read-maps.ts'
import { type ReportLine, reportLines } from './report.ts'

interface ImportOptions {
  readonly out: string
  readonly map?: string
  readonly report?: string
  readonly against?: string[]
  readonly strict?: boolean
  readonly json?: boolean
}

/** Imports Sigma files, writes the rule files, and says what became of each document. */
export async function runImportSigma(
  paths: readonly string[],
  options: ImportOptions,
  of: NodeJS.Process,
): Promise<void> {
  const output = outputOf(of)
  const files = await readSigmaFiles(paths)
  const imported = importSigma(files, await readMaps(options.map), DATASETS)
  await writeRules(options.out, imported.rules)
  const sightings = options.against && (await sightingsOver(options.against, imported.rules, of))
  const lines = reportLines(imported, sightings)
  const report = await JsonLines.open(options.report)
  for (const line of lines) await report.write(line)
  await report.close()
  say(imported, lines, options, output)
}

async function readSigmaFiles(paths: readonly string[]): Promise<readonly SigmaFile[]> {
  const found = [...new Set(await filesOf(paths))]
  const files = found.filter((path) => /\.ya?ml$/i.test(path) || paths.includes(path))
  if (files.length === 0)
    throw new WeirError('INPUT_UNREADABLE', `no .yml or .yaml file in ${paths.join(', ')}`)
  return await Promise.all(files.map(async (path) => ({ path, text: await textOf(path) })))
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${path}`, { cause })
  }
}

async function writeRules(out: string, rules: readonly ImportedRule[]): Promise<void> {
  for (const { path, json } of rules) {
    const file = join(out, path)
    await writing(file, async () => {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, `${JSON.stringify(json, null, 2)}\n`)
    })
  }
}

function say(
  { rules, outcomes }: SigmaImport,
  lines: readonly ReportLine[],
  { json, strict, out }: ImportOptions,
  output: Output,
): void {
  if (json === true) for (const line of lines) output.json(line)
  else for (const line of lines.flatMap(spoken)) output.line(line)
  const refused = outcomes.filter(({ outcome }) => outcome === 'refused').length
  output.note(`${outcomes.length} documents: ${rules.length} rules in ${out}, ${refused} refused`)
  if (strict === true && refused > 0) process.exitCode = EXIT.findings
}

/** Only what somebody has to look at. */
function spoken({ file, title, reason, rule, blind, events }: ReportLine): readonly string[] {
  if (reason !== null) return [`refused  ${file}: ${title ?? 'no title'}: ${reason}`]
  if (blind === undefined || blind.length === 0) return []
  const fields = blind.join(', ')
  return [
    `blind    ${rule}: ${events === 0 ? 'no record of its datasets was given' : `no record has ${fields}`}`,
  ]
}
