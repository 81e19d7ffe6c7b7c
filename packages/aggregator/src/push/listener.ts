import { setImmediate } from 'node:timers/promises'
import type { Report } from '@weir/runtime'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { rememberConnections } from '../api/connections.ts'
import { tlsOptionsOf } from '../tls.ts'
import { discard, isEndless } from './body.ts'
import { dataCollector } from './data-collector.ts'
import { entraTokens } from './entra-tokens.ts'
import { ingest } from './ingest.ts'
import { logsIngestion } from './logs-ingestion.ts'
import { answerBroken, answerGarbage, answerRefusal, answerUnknown } from './refusal.ts'
import type { PushDeps, PushSettings } from './settings.ts'
import type { PushContext } from './take.ts'

/** Open connections; one more is closed as it comes, which is counted. */
const CONNECTIONS_MAX = 1000
/** Beyond the time for a body: a request whose head does not arrive is cut off. */
const HEAD_MS_MAX = 30_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which of the ways in, for log and metrics. */
    readonly endpoint?: string
  }
}

/** The HTTP side of a push source, ready to listen; `close` ends every connection at once. */
export function createListener(context: PushContext, deps: PushDeps): FastifyInstance {
  const { settings } = context
  const app = fastify(optionsOf(settings, deps)) as unknown as FastifyInstance
  const endConnections = rememberConnections(app.server)
  app.server.maxConnections = CONNECTIONS_MAX
  app.server.on('drop', () => deps.report.event('warn', 'push_connection_dropped'))
  // Bodies are read by the routes themselves, which know how large they may be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.setErrorHandler(answerRefusal(deps.report, settings.name))
  app.setNotFoundHandler(answerUnknown)
  app.decorateRequest('taken', undefined)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-ms-request-id', request.id)
  })
  app.addHook('onSend', async (request, reply) => {
    if (isEndless(request.raw)) reply.header('connection', 'close')
    if (reply.getHeader('connection') !== 'close') await discard(request.raw, deps.clock)
  })
  app.addHook('onResponse', async (request, reply) => {
    tell(deps.report, settings.name, request, reply)
  })
  app.addHook('preClose', async () => {
    // What was waiting is answered in this turn of the loop.
    await setImmediate()
    endConnections()
  })
  addRoutes(app, context, deps)
  return app
}

function optionsOf({ tls, bodyMsMax }: PushSettings, { newId }: PushDeps) {
  return {
    https: tls === undefined ? null : tlsOptionsOf(tls),
    logger: false,
    genReqId: newId,
    requestIdHeader: false as const,
    requestTimeout: bodyMsMax + HEAD_MS_MAX,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: answerBroken,
    clientErrorHandler: answerGarbage(newId),
  }
}

function addRoutes(app: FastifyInstance, context: PushContext, deps: PushDeps): void {
  const { settings, inbox } = context
  app.get('/v1/health', { config: { endpoint: 'health' } }, async (_request, reply) => {
    const status = inbox.running ? 'ok' : 'stopped'
    return reply.code(inbox.running ? 200 : 503).send({ status, source: settings.name })
  })
  if (settings.dataCollector !== undefined) dataCollector(app, context, settings.dataCollector)
  if (settings.logsIngestion !== undefined)
    logsIngestion(app, context, settings.logsIngestion, entraTokens(settings.logsIngestion, deps))
  if (settings.ingest !== undefined) ingest(app, context, settings.ingest)
}

/** The access log: what went well is for debugging, what was refused for the operator. */
function tell(report: Report, source: string, request: FastifyRequest, reply: FastifyReply): void {
  const endpoint = request.routeOptions.config.endpoint ?? 'unknown'
  const { bytes = 0, records = 0, repeated = false } = request.taken ?? {}
  const status = String(reply.statusCode)
  const level = reply.statusCode < 400 ? 'debug' : reply.statusCode < 500 ? 'info' : 'warn'
  const ms = Math.round(reply.elapsedTime)
  const details = {
    source,
    endpoint,
    status,
    request: request.id,
    from: request.ip,
    bytes,
    records,
    repeated,
    ms,
  }
  report.event(level, 'push_answered', details, ['source', 'endpoint', 'status'])
  if (bytes > 0) report.count('push_bytes', { source, endpoint }, bytes)
  if (repeated) report.count('push_repeated', { source, endpoint }, 1)
}
