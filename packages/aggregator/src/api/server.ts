import { constants, type Http2ServerRequest } from 'node:http2'
import { setImmediate } from 'node:timers/promises'
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, fastify } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { tlsOptionsOf } from '../tls.ts'
import type { Api } from './api.ts'
import { compress } from './compress.ts'
import { rememberConnections } from './connections.ts'
import type { ApiContext, ApiTls } from './context.ts'
import { Feed } from './feed/feed.ts'
import { guard } from './guard.ts'
import { LinkBytes } from './link-bytes.ts'
import { describeApi } from './openapi.ts'
import { answerBroken, answerError, answerGarbage, answerUnknown, routeOf } from './refusal.ts'
import { getAlert } from './routes/get-alert.ts'
import { getEvidence } from './routes/get-evidence.ts'
import { getEvidenceSize } from './routes/get-evidence-size.ts'
import { getHealth } from './routes/get-health.ts'
import { getLedger } from './routes/get-ledger.ts'
import { getMe } from './routes/get-me.ts'
import { getMetrics } from './routes/get-metrics.ts'
import { getOpenapi } from './routes/get-openapi.ts'
import { listAlerts } from './routes/list-alerts.ts'
import { listAudit } from './routes/list-audit.ts'
import { listCanaries } from './routes/list-canaries.ts'
import { listQuarantine } from './routes/list-quarantine.ts'
import { listRules } from './routes/list-rules.ts'
import { listSources } from './routes/list-sources.ts'
import { openSession } from './routes/open-session.ts'
import { putMarks } from './routes/put-marks.ts'
import { readFeed } from './routes/read-feed.ts'
import { takeRecords } from './routes/take-records.ts'

/** Time for a request to arrive whole; a slower one is cut off. */
const REQUEST_MS_MAX = 30_000
/** Open connections; one more is closed as it comes, which is counted. */
const CONNECTIONS_MAX = 1000
/** Requests under way on one connection by HTTP/2; a client waits with one more. A forwarder has three. */
const STREAMS_MAX = 100
/** A connection on which nothing happens is kept for so long: a new one costs the link a handshake. */
const IDLE_MS_MAX = 240_000

/** The HTTP side of the aggregator, ready to listen; `close` ends every wait and every connection at once. */
export function createApi(context: ApiContext): FastifyInstance {
  const app = fastify(optionsOf(context) as FastifyServerOptions) as unknown as FastifyInstance
  const link = new LinkBytes(context)
  const feed = new Feed(context, link)
  const startedAt = context.clock.now()
  const endConnections = rememberConnections(app.server)
  app.server.maxConnections = CONNECTIONS_MAX
  app.server.on('drop', () => context.report.event('warn', 'api_connection_dropped'))
  app.setValidatorCompiler(validatorCompiler)
  // Replies are typed where they are made; to check each again would only turn an odd alert into no alert.
  app.setSerializerCompiler(() => (reply) => JSON.stringify(reply))
  app.setErrorHandler(answerError(context.report))
  app.setNotFoundHandler(answerUnknown)
  app.decorateRequest('caller', '')
  app.decorateRequest('identified', null)
  app.addHook('onRequest', guard(context))
  app.addHook('preParsing', async ({ raw }) => limitBody(raw))
  app.addHook('onSend', compress)
  app.addHook('onResponse', async (request, reply) => {
    const labels = { route: routeOf(request), status: String(reply.statusCode) }
    context.report.count('api_requests', labels, 1)
  })
  app.addHook('preClose', async () => {
    feed.stop()
    // What was waiting is answered in this turn of the loop.
    await setImmediate()
    endConnections()
  })
  link.hook(app)
  describeApi(app, context.version)
  app.register(async (api) => addRoutes(api as unknown as Api, context, feed, link, startedAt))
  app.register(async (api) => addFeedRoutes(api as unknown as Api, context, feed, link))
  return app
}

function optionsOf({ tls, limits }: ApiContext) {
  return {
    ...(tls === undefined ? {} : overTls(tls)),
    logger: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: REQUEST_MS_MAX,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: answerBroken,
    clientErrorHandler: answerGarbage,
  }
}

/** HTTP/2, which puts all that a forwarder asks on one connection; HTTP/1.1 for whoever does not speak it. */
function overTls(tls: ApiTls) {
  const http1 = { allowHTTP1: true, requestTimeout: REQUEST_MS_MAX, keepAliveTimeout: IDLE_MS_MAX }
  const https = { ...tlsOptionsOf(tls), ...http1, settings: { maxConcurrentStreams: STREAMS_MAX } }
  return { http2: true, http2SessionTimeout: IDLE_MS_MAX, https } as const
}

/** HTTP/1.1 has `requestTimeout` for it. */
function limitBody(request: FastifyRequest['raw'] | Http2ServerRequest): void {
  if (!('stream' in request) || request.stream.endAfterHeaders) return
  AbortSignal.timeout(REQUEST_MS_MAX).addEventListener('abort', () => {
    if (!request.complete) request.stream.close(constants.NGHTTP2_CANCEL)
  })
}

function addRoutes(api: Api, context: ApiContext, feed: Feed, link: LinkBytes, startedAt: number): void {
  getHealth(api, context, startedAt)
  getMe(api)
  listAlerts(api, context)
  getAlert(api, context)
  getEvidence(api, context)
  getEvidenceSize(api, context)
  listAudit(api, context)
  listCanaries(api, context)
  listQuarantine(api, context)
  takeRecords(api, context)
  listRules(api, context)
  listSources(api, context)
  getLedger(api, context, feed, link)
  getMetrics(api, context, feed)
  getOpenapi(api)
}

/** The feed crosses a paid link: its responses carry no header that HTTP can do without. */
function addFeedRoutes(api: Api, context: ApiContext, feed: Feed, link: LinkBytes): void {
  api.addHook('onRequest', async (_request, reply) => {
    reply.raw.sendDate = false
    reply.raw.removeHeader('connection')
  })
  openSession(api, context, feed)
  readFeed(api, context, feed, link)
  putMarks(api, context, feed)
}
