// Reads what the demo printed and holds its last JSON line against what it must show. Plain JavaScript: it runs
// under whatever Node there is.
import { readFileSync } from 'node:fs'

const lines = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
const result = JSON.parse(lines.at(-1) ?? '{}')
process.stdout.write(`${JSON.stringify(result)}\n`)
const demands = [
  ['records', result.records >= 45_000],
  ['found equals planted', result.planted > 0 && result.found === result.planted],
  ['nothing unexpected', result.unexpected === 0],
  ['delivered equals alerts', result.alerts > 0 && result.delivered === result.alerts],
  [
    'the link carried at most 0.5 % of the raw bytes',
    result.chaos !== undefined || result.link_bytes <= 0.005 * result.raw_bytes,
  ],
  ['chaos ends with the same alerts', result.chaos === undefined || result.chaos.same === true],
  [
    'chaos killed each side ten times',
    result.chaos === undefined || (result.chaos.aggregator_kills >= 10 && result.chaos.forwarder_kills >= 10),
  ],
]
const failed = demands.filter(([, holds]) => !holds).map(([what]) => what)
for (const what of failed) process.stdout.write(`does not hold: ${what}\n`)
process.exit(failed.length === 0 ? 0 : 1)
