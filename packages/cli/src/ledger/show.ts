import { systemClock } from '@weir/runtime'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { EXIT } from '../exit.ts'
import { outputOf } from '../output.ts'
import { differencesOf } from './differences.ts'
import { linesOf } from './lines.ts'

interface LedgerOptions extends ConnectionOptions {
  readonly days: number
  readonly json?: boolean
}

const DAY_MS = 86_400_000

/** Shows the last days of the ledger; the exit code says whether both sides counted alike. */
export function showLedger(options: LedgerOptions, of: NodeJS.Process): Promise<void> {
  return withClient(options, of.env, async (client) => {
    const output = outputOf(of)
    const ledger = await client.ledger({ from: dayBefore(options.days - 1) })
    const differences = differencesOf(ledger)
    if (options.json === true) output.json({ ...ledger, differences })
    else for (const line of linesOf(ledger, differences)) output.line(line)
    if (differences.length > 0) of.exitCode = EXIT.findings
  })
}

function dayBefore(days: number): string {
  return new Date(systemClock.now() - days * DAY_MS).toISOString().slice(0, 10)
}
