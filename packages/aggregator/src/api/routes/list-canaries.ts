import { type CanariesReply, canariesQuery, canariesReply } from '@weir/contract'
import type { Alert, CanaryStages, ForwarderState } from '@weir/model'
import type { Api } from '../api.ts'
import type { ApiContext, RegisteredForwarder } from '../context.ts'
import { passes } from '../feed/filter.ts'
import { READERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

type Item = CanariesReply['items'][number]

/** `GET /v1/canaries`: the canaries that came, newest first, and how far the alert of each is. */
export function listCanaries(api: Api, { store, forwarders }: ApiContext): void {
  const schema = {
    summary: 'Canaries that came, newest first, and when each stage of the way was reached',
    querystring: canariesQuery.strict(),
    response: { 200: canariesReply, ...REFUSED },
  }
  api.get('/v1/canaries', { schema, config: { access: READERS } }, async (request) => {
    const { limit, id } = request.query
    const all = await store.canaries(id === undefined ? limit : CANARIES_ASKED_MAX)
    const states = await store.forwarders()
    const items: Item[] = []
    for (const each of all) {
      if (id !== undefined && each.id !== id) continue
      const alert = each.alert === undefined ? undefined : await store.alert(each.alert)
      items.push(itemOf(each, alert, forwarders, states))
    }
    return { items }
  })
}

/** As many as the store keeps. */
const CANARIES_ASKED_MAX = 1_000

function itemOf(
  canary: CanaryStages,
  alert: Alert | undefined,
  forwarders: readonly RegisteredForwarder[],
  states: readonly ForwarderState[],
): Item {
  const { id, source, planted, arrived, committed, entry } = canary
  return {
    id,
    source,
    planted: isoOf(planted),
    arrived: isoOf(arrived),
    committed: isoOf(committed),
    ...(canary.alert !== undefined && { alert: canary.alert }),
    shipped: entry !== undefined,
    forwarders: forwarders.map((forwarder) =>
      forwarderOf(
        canary,
        alert,
        forwarder,
        states.find(({ name }) => name === forwarder.name),
      ),
    ),
  }
}

/** Marks pass over what a filter holds back, too: then they tell nothing of this alert. */
function forwarderOf(
  { marks }: CanaryStages,
  alert: Alert | undefined,
  { name, filter }: RegisteredForwarder,
  state: ForwarderState | undefined,
): Item['forwarders'][number] {
  const filtered = alert !== undefined && !passes(entryOf(alert), filter)
  const own = filtered ? [] : marks.filter(({ forwarder }) => forwarder === name)
  const at = (output: string | undefined): string | undefined => {
    const found = own.find((mark) => mark.output === output)
    return found && isoOf(found.at)
  }
  const fetched = at(undefined)
  const outputs = Object.keys(state?.delivered ?? {}).map((output) => {
    const acknowledged = at(output)
    return { output, ...(acknowledged !== undefined && { acknowledged }) }
  })
  return { name, filtered, ...(fetched !== undefined && { fetched }), outputs }
}

function entryOf({ rule, weir }: Alert): Parameters<typeof passes>[0] {
  return { rule: rule.id, kind: weir.alert.kind, severity: weir.alert.severity }
}

function isoOf(time: number): string {
  return new Date(time).toISOString()
}
