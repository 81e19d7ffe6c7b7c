import type { Refusal } from '../spool/entry.ts'
import type { Message } from './output.ts'

/** Why a part was not taken, and which message of it (from 0) is to blame, where the receiver says. */
export interface PartRefused {
  readonly reason: string
  readonly at?: number | undefined
}

/**
 * Sends a part, and one that is refused again in smaller parts, until what is refused stands alone; returns that.
 * `attempt` resolves to nothing when the part was taken; what it throws ends the sending.
 */
export async function sendDivided(
  part: readonly Message[],
  attempt: (part: readonly Message[]) => Promise<PartRefused | undefined>,
): Promise<Refusal[]> {
  const [only] = part
  if (only === undefined) return []
  const refused = await attempt(part)
  if (refused === undefined) return []
  if (part.length === 1) return [{ entry: only.entry, reason: refused.reason }]
  const found: Refusal[] = []
  for (const piece of divide(part, refused.at)) found.push(...(await sendDivided(piece, attempt)))
  return found
}

/**
 * Around the message that is to blame, else in halves. What stands before it may be there already, and
 * repeats.
 */
function divide(part: readonly Message[], at: number | undefined): (readonly Message[])[] {
  const named = at !== undefined && Number.isInteger(at) && at >= 0 && at < part.length
  const from = named ? at : Math.floor(part.length / 2)
  const to = named ? at + 1 : from
  return [part.slice(0, from), part.slice(from, to), part.slice(to)]
}
