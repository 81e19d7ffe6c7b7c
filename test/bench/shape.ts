import { readRuleFiles } from '@weir/aggregator'
import { costClasses, loadRules, type RuleFile, type RuleSet } from '@weir/engine'
import { isObject } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { isHard } from './rule-set.ts'
import { generateRules } from './rules.ts'

/**
 * The shape of rules, as the matcher sees it, beside that of the generated ones: `npm run bench:shape -- DIR`, where
 * DIR holds Weir rules, for instance what `weir rules import-sigma` wrote.
 */
async function main(folder: string): Promise<void> {
  const own = shapeOf(await readRuleFiles([folder]))
  const made = shapeOf(generateRules(1, 3_000, HARD_SHARE))
  process.stdout.write(`${row('', 'rules in DIR', 'generated')}\n`)
  for (const name of new Set([...own.keys(), ...made.keys()]))
    process.stdout.write(`${row(name, own.get(name) ?? '–', made.get(name) ?? '–')}\n`)
}

const HARD_SHARE = 0.05

function row(...[name, own, made]: [string, string, string]): string {
  return `${name.padEnd(44)}${own.padStart(18)}${made.padStart(18)}`
}

interface Leaf {
  readonly fact: string
  readonly path?: string
  readonly operator: string
  readonly value: unknown
}

function shapeOf(files: readonly RuleFile[]): ReadonlyMap<string, string> {
  const set = loadRules(files, DATASETS)
  const rules = set.rules.filter((rule) => rule.conditions !== undefined)
  const leaves = rules.map((rule) => leavesOf(rule.conditions))
  const all = leaves.flat()
  return new Map([
    ['rules with conditions', String(rules.length)],
    ...shares('tests per rule', leaves, (some) => upTo(some.length, 4)),
    ...shares('operator', all, ({ operator }) => operator.split(':').at(-1)!),
    ...shares('compares in lower case', all, ({ operator }) => String(operator.includes('fold:'))),
    ...shares('asks of', all, ({ fact }) => (fact === 'record' ? 'the record' : 'an ECS field')),
    ...shares('values per test', all, ({ value }) => upTo(Array.isArray(value) ? value.length : 1, 3)),
    ...shares('form', rules, ({ conditions }) => formOf(conditions)),
    ...shares('no equality', rules, ({ conditions }) => String(isHard(conditions))),
    ...shares('cost class', [...costClasses(set, DATASETS).values()], (each) => each),
    ...shares('dataset', rules, ({ datasets }) => [...datasets].join(' ') || 'any'),
    ...placesOf(set),
  ])
}

function leavesOf(condition: unknown): readonly Leaf[] {
  if (!isObject(condition)) return []
  const { all, any, not } = condition as { all?: unknown[]; any?: unknown[]; not?: unknown }
  const inner = any ?? all ?? (not === undefined ? undefined : [not])
  return inner === undefined ? [condition as unknown as Leaf] : inner.flatMap(leavesOf)
}

function upTo(count: number, most: number): string {
  return count < most ? String(count) : `${most} or more`
}

function formOf(condition: unknown): string {
  const text = JSON.stringify(condition)
  if (text.includes('"not":')) return 'with not'
  return text.includes('"any":') ? 'with a choice' : 'one conjunction'
}

function shares<Item>(
  title: string,
  items: readonly Item[],
  of: (item: Item) => string,
): readonly (readonly [string, string])[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(of(item), (counts.get(of(item)) ?? 0) + 1)
  const share = (count: number) => `${((100 * count) / items.length).toFixed(1)} %`
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => [`${title}: ${name}`, share(count)])
}

/** How many different places the rules of a dataset look at, and how many rules share one on average. */
function placesOf({ rules }: RuleSet): readonly (readonly [string, string])[] {
  return ['azure.signinlogs', 'azure.auditlogs', 'azure.activitylogs', 'aws.cloudtrail'].map((dataset) => {
    const asking = rules.filter(({ datasets }) => datasets.has(dataset))
    const places = asking
      .flatMap(({ conditions }) => leavesOf(conditions))
      .map(({ fact, path }) => `${fact} ${path}`)
    return [`places: ${dataset}`, `${new Set(places).size} of ${asking.length} rules`]
  })
}

if (process.argv[2] === undefined) {
  process.stderr.write('usage: npm run bench:shape -- DIR\n')
  process.exitCode = 2
} else await main(process.argv[2])
