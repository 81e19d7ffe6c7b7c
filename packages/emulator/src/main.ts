import { parseArgs } from 'node:util'
import { messageOf, untilSignalled } from '@weir/runtime'
import { demo } from './network/demo.ts'
import { start } from './network/start.ts'
import { untilOrphaned } from './orphan.ts'

const USAGE = `usage:
  npm start [-- --port N]                 the whole network until Ctrl-C
  npm run demo [-- --chaos SEED]          the scenario to its end, then one JSON object
options:
  --port N      port of the API (default: any free one)
  --seed N      seed of the traffic (default 1)
  --chaos SEED  kill and cut while records are in flight
  --keep        keep the folder with stores and logs
`

process.exitCode = await main(process.argv.slice(2))
// Everything was stopped; nothing that a library left behind shall keep the shell waiting.
process.exit()

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
        chaos: { type: 'string' },
        keep: { type: 'boolean', default: false },
      },
    })
    const signal = AbortSignal.any([untilSignalled(process), untilOrphaned(process)])
    const seed = whole('--seed', values.seed)
    if (positionals[0] === 'start') {
      await start({ port: whole('--port', values.port), seed, signal }, process)
      return 0
    }
    if (positionals[0] !== 'demo') throw new Error('start or demo?')
    const chaos = values.chaos === undefined ? {} : { chaos: whole('--chaos', values.chaos) }
    return await demo({ seed, ...chaos, keep: values.keep, signal }, process)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${error instanceof TypeError ? USAGE : ''}`)
    return 1
  }
}

function whole(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0)
    throw new TypeError(`${option} ${text}: a whole number is wanted`)
  return number
}
