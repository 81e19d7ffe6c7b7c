import { finished, Readable } from 'node:stream'
import { evidenceLine } from '@weir/contract'
import type { AlertStore, EvidenceServed } from '@weir/model'
import { messageOf } from '@weir/runtime'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { type Count, counted, cutStalled, linesOf } from '../evidence-reply.ts'
import { READERS } from '../guard.ts'
import { isReset } from '../is-reset.ts'
import { Refusal } from '../refusal.ts'
import { alertOf } from './get-alert.ts'
import { alertPath, NDJSON, ndjson, REFUSED } from './reply-schemas.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a reply with evidence. */
    evidence?: Count
  }
}

/**
 * `GET /v1/alerts/{id}/evidence`: every member of an alert, with its record where it can be had. The request is in the
 * audit, on disk, before its first byte goes out. A failure amid the lines breaks the connection off, so that nobody
 * takes a part for the whole.
 */
export function getEvidence(api: Api, context: ApiContext): void {
  const schema = {
    summary: 'The records behind an alert, one member a line',
    params: alertPath,
    response: { 200: ndjson(evidenceLine, 'Kept records first, then the other members'), ...REFUSED },
  }
  const { store, limits, report } = context
  let serving = 0
  const options = {
    schema,
    config: { access: READERS },
    onError: async (request: FastifyRequest, _reply: FastifyReply, error: Error) => {
      if (error instanceof Refusal && error.code === 'WRONG_ROLE')
        report.event('warn', 'evidence_refused', { ...whoOf(request), alert: alertIn(request) })
    },
    onSend: async (request: FastifyRequest, _reply: FastifyReply, payload: unknown) =>
      payload instanceof Readable && request.evidence !== undefined
        ? counted(payload, request.evidence)
        : payload,
  }
  api.get('/v1/alerts/:id/evidence', options, async (request, reply) => {
    const { id } = request.params
    const standing = await standingAlert(store, id)
    if (serving >= limits.evidenceRequestsMax) throw busy(limits.evidenceRequestsMax)
    serving++
    try {
      const asked = { at: context.clock.now(), ...whoOf(request), alert: id }
      const audit = await store.evidenceAsked(asked)
      const through = (served: EvidenceServed): void => {
        serving--
        void conclude(context, audit, asked, served)
      }
      return serve(context, standing, request, reply, through)
    } catch (error) {
      serving--
      throw error
    }
  })
}

function serve(
  context: ApiContext,
  alert: string,
  request: FastifyRequest,
  reply: FastifyReply,
  through: (served: EvidenceServed) => void,
): FastifyReply {
  const count: Count = { records: 0, recordBytes: 0, sentBytes: 0 }
  const over = new AbortController()
  request.evidence = count
  finished(reply.raw, (error) => {
    over.abort()
    through(servedOf(count, error != null || isReset(reply.raw)))
  })
  void cutStalled(context, reply, count, over.signal)
  const lines = Readable.from(linesOf(context, alert, count, over.signal), { objectMode: false })
  return reply.type(NDJSON).send(lines)
}

/** An alert that was merged is part of another one now, and so is its evidence. Throws `Refusal` NOT_FOUND. */
export async function standingAlert(store: AlertStore, id: string): Promise<string> {
  let alert = await alertOf(store, id)
  for (let hops = 0; hops < MERGES_MAX; hops++) {
    const into = alert.weir.alert.merged_into
    const next = into === undefined ? undefined : await store.alert(into)
    if (next === undefined) break
    alert = next
  }
  return alert.weir.alert.id
}

/** Alerts that became part of the next one, followed so far; further on the evidence is that of the last one reached. */
const MERGES_MAX = 100

function whoOf({ identified, ip }: FastifyRequest) {
  const { name: caller, role } = identified!.credential
  return { caller, role, remote: ip }
}

function alertIn({ params }: FastifyRequest): string {
  return String((params as { readonly id?: string }).id)
}

function busy(requestsMax: number): Refusal {
  const message = `${requestsMax} requests for evidence are at work; ask again when one is through`
  return new Refusal('TOO_MANY', message, { 'retry-after': '10' })
}

function servedOf({ failure, ...numbers }: Count, brokenOff: boolean): EvidenceServed {
  const outcome = failure !== undefined ? 'failed' : brokenOff ? 'broken-off' : 'served'
  return { outcome, ...numbers }
}

async function conclude(
  { store, clock, report }: ApiContext,
  audit: number,
  asked: object,
  served: EvidenceServed,
): Promise<void> {
  report.event('info', 'evidence_served', { ...asked, ...served })
  try {
    await store.evidenceServed(audit, { ...served, ended: clock.now() })
  } catch (error) {
    report.event('error', 'audit_failed', { error: messageOf(error) })
  }
}
