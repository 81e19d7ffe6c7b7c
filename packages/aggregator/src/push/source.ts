import { INBOX_BOUNDS, inboxSource } from '@weir/ingest'
import type { EventSource } from '@weir/model'
import { WeirError } from '@weir/runtime'
import type { FastifyInstance } from 'fastify'
import { keepFresh } from '../refresh.ts'
import { createListener } from './listener.ts'
import { Room } from './room.ts'
import type { PushDeps, PushSettings } from './settings.ts'
import type { PushContext } from './take.ts'

export interface PushSource extends EventSource {
  /** Where it listens; `undefined` before its first run. */
  readonly url: string | undefined
}

/**
 * A source that is pushed to over HTTP. The listener comes with its first run, which rejects with `WeirError`
 * LISTEN_FAILED when the port is taken, and stays until `close`: between two runs it answers 503.
 */
export function pushSource(settings: PushSettings, deps: PushDeps): PushSource {
  const { name, bytesWaitingMax, requestsWaitingMax, rememberMs } = settings
  // The listener lets no more in, so that the inbox itself never makes anybody wait.
  const bounds = { ...INBOX_BOUNDS, name, bytesInFlightMax: bytesWaitingMax, rememberMs }
  const inbox = inboxSource(bounds, deps, async () => {
    if (listening !== undefined) return
    listening = await listen({ settings, inbox, room, clock: deps.clock }, deps)
    void keepFresh(settings.refreshables?.(listening.app.server) ?? [], deps, closed.signal)
  })
  const room = new Room(bytesWaitingMax, requestsWaitingMax)
  let listening: { readonly app: FastifyInstance; readonly url: string } | undefined
  const closed = new AbortController()
  return {
    name,
    pushed: true,
    get url() {
      return listening?.url
    },
    run: (context) => inbox.run(context),
    async close() {
      closed.abort()
      await listening?.app.close()
    },
  }
}

async function listen(
  context: PushContext,
  deps: PushDeps,
): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
  const { name, host, port } = context.settings
  const app = createListener(context, deps)
  try {
    const url = await app.listen({ host, port })
    deps.report.event('info', 'push_listening', { source: name, url }, ['source'])
    return { app, url }
  } catch (cause) {
    await app.close()
    throw new WeirError('LISTEN_FAILED', `source ${name} cannot listen on ${host}:${port}`, { cause })
  }
}
