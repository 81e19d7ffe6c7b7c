import type { Client } from '@weir/contract'
import { systemClock } from '@weir/runtime'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { EXIT } from '../exit.ts'
import { outputOf } from '../output.ts'
import { type Canary, hopeless, isDelivered, stageLines } from './stages.ts'

interface WaitOptions extends ConnectionOptions {
  readonly timeout: number
  readonly json?: boolean
}

/** Pause between two looks. */
const LOOK_MS = 500

/** Exit 1 when the time is over first, or when it can never come. */
export function waitForCanary(id: string, options: WaitOptions, of: NodeJS.Process): Promise<void> {
  return withClient(options, of.env, async (client) => {
    const canary = await lookUntil(client, id, systemClock.now() + options.timeout * 1000)
    const output = outputOf(of)
    if (canary !== undefined) {
      if (options.json === true) output.json(canary)
      else for (const line of stageLines(canary)) output.line(line)
    }
    if (canary !== undefined && isDelivered(canary)) return
    output.note(canary === undefined ? `${id} has not arrived` : (hopeless(canary) ?? `${id} is on its way`))
    of.exitCode = EXIT.findings
  })
}

async function lookUntil(client: Client, id: string, end: number): Promise<Canary | undefined> {
  for (;;) {
    const canary = (await client.canaries({ id })).items[0]
    const over = systemClock.now() >= end
    if (over || (canary !== undefined && (isDelivered(canary) || hopeless(canary) !== undefined)))
      return canary
    await systemClock.sleep(LOOK_MS)
  }
}
