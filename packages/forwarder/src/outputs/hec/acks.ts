import { backoffMs, WeirError } from '@weir/runtime'
import type { OutputTools } from '../output.ts'
import { SetupRefused } from '../refused.ts'
import type { AckReply, HecClient } from './client.ts'
import { ackVerdictOf } from './retry.ts'
import { said } from './said.ts'

interface Asking {
  /** The output's, for messages. */
  readonly name: string
  readonly client: HecClient
  readonly tools: OutputTools
  readonly signal: AbortSignal
}

/**
 * Resolves once all have come. Throws `WeirError` OUTPUT_FAILED when the time is over; it is shorter when the connection
 * has ended over which the events went, because whoever answers over another perhaps knows nothing of them.
 */
export async function awaitAcks(ids: readonly number[], asking: Asking): Promise<void> {
  const { name, client, tools, signal } = asking
  const { clock, limits, random } = tools
  const began = clock.now()
  const over = (): boolean => clock.now() - began >= (client.ended ? limits.hecAckEndedMs : limits.hecAckMs)
  let missing = ids
  for (let asked = 1; missing.length > 0; asked++) {
    const reply = await client.acknowledged(missing, signal)
    judge(name, reply)
    const come = new Set(reply.come)
    missing = missing.filter((id) => !come.has(id))
    if (missing.length === 0) return
    if (over() || signal.aborted)
      throw new WeirError('OUTPUT_FAILED', `output ${name} has not told ${want(missing)}`)
    await clock.sleep(backoffMs(limits.hecAckPollMs, asked, random()), signal)
  }
}

/** A collector that is busy is asked again. */
function judge(name: string, reply: AckReply): void {
  if (ackVerdictOf(reply.status) === 'setup')
    throw new SetupRefused(`output ${name} tells no acknowledgements: ${said(reply)}`)
}

function want(missing: readonly number[]): string {
  return `${missing.length} acknowledgement${missing.length === 1 ? '' : 's'}`
}
