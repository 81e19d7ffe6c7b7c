import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problemLine } from '@weir/aggregator'
import { type CorrelationType, loadRules, nearest, type RuleFile } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { WeirError } from '@weir/runtime'
import type { Output } from '../output.ts'
import { writing } from '../writing.ts'
import { SAMPLES } from './sample.ts'
import { SKELETONS } from './skeleton.ts'

interface NewOptions {
  readonly dataset: string
  readonly correlation?: string
  readonly out: string
  readonly json?: boolean
}

/** Writes the files of a new rule. Throws `WeirError` WRONG_USE before anything is written where one is there already. */
export async function newRule(id: string, options: NewOptions, output: Output): Promise<void> {
  const files = filesOf(id, options)
  const there = files.find(({ path }) => existsSync(path))
  if (there !== undefined)
    throw new WeirError('WRONG_USE', `${there.path} is there already; nothing was written`)
  await writing(options.out, () => mkdir(options.out, { recursive: true }))
  for (const { path, text } of files) await writing(path, () => writeFile(path, text, { flag: 'wx' }))
  if (options.json === true) output.json({ rule: id, files: files.map(({ path }) => path) })
  else for (const { path } of files) output.line(path)
  output.note(
    `next: change them, then "weir rules check ${options.out}" and "weir rules test ${options.out}"`,
  )
}

function filesOf(id: string, { dataset, correlation = '', out }: NewOptions): readonly RuleFile[] {
  const sample = SAMPLES.get(known('dataset', dataset, SAMPLES.keys()))!
  const types = [...SKELETONS.keys()].filter((type) => type !== '')
  const type = correlation === '' ? '' : (known('correlation type', correlation, types) as CorrelationType)
  const skeleton = SKELETONS.get(type)!({ id, dataset, sample, schema: schemaFrom(out) })
  if (skeleton.length === 0)
    throw new WeirError(
      'WRONG_USE',
      `no skeleton of ${type} for ${dataset}: ${type} adds up numbers; begin with ${MEASURED}`,
    )
  const files = skeleton.map(({ suffix, content }) => ({
    path: join(out, `${id}${suffix}.json`),
    text: `${JSON.stringify(content, null, 2)}\n`,
  }))
  // The loader has its say before anything is written: above all on the id, which becomes the name of files.
  const rules = files.filter(({ path }) => !path.endsWith('.test.json'))
  const [problem] = loadRules(rules, DATASETS).problems
  if (problem === undefined && !id.endsWith('.test')) return files
  throw new WeirError(
    'WRONG_USE',
    problem ? problemLine(problem) : 'an id that ends in ".test" names a file of cases',
  )
}

/** Datasets with a number that is worth adding up. */
const MEASURED = [...SAMPLES].flatMap(([name, { measured }]) => (measured ? [name] : [])).join(', ')

function known(what: string, name: string, names: Iterable<string>): string {
  const all = [...names]
  if (all.includes(name)) return name
  const near = nearest(name, all)
  const hint = near === undefined ? `; there are ${all.join(', ')}` : `; did you mean ${near}?`
  throw new WeirError('WRONG_USE', `no skeleton for the ${what} "${name}"${hint}`)
}

/** The way from a folder to the schema, as editors read it. */
function schemaFrom(out: string): string {
  const schema = fileURLToPath(import.meta.resolve('@weir/engine/schema/rule-v1.json'))
  return relative(resolve(out), schema).split(sep).join('/')
}
