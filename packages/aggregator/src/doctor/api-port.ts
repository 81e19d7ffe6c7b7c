import { healthReply } from '@weir/contract'

/** What answers as an aggregator's API does, with its version. */
export function aggregatorIn(health: unknown): string | undefined {
  const reply = healthReply.safeParse(health)
  return reply.success ? `an aggregator, version ${reply.data.version}` : undefined
}
