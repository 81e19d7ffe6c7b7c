import { type RestReply, refusal } from '../entra/guarded-server.ts'

/** A record of a stream: when it counts for filters, and as the service writes it. */
export interface Listed {
  readonly at: number
  readonly text: string
  /** Of a sign-in, for the beta interface's filter. */
  readonly eventType?: string
}

/** A listing that was begun: its pages are of one moment, as a skip token promises. */
export interface Listing {
  readonly records: readonly Listed[]
  readonly offset: number
  readonly top: number
}

/** What a path of Graph takes. */
export interface StreamRules {
  /** The member that the filter is about. */
  readonly time: string
  readonly canOrder: boolean
  readonly topMax: number
}

/** What a query asks for, or the refusal of what the service does not document. */
export function listingOf(
  all: readonly Listed[],
  query: URLSearchParams,
  rules: StreamRules,
): Listing | RestReply {
  const top = Number(query.get('$top') ?? rules.topMax)
  if (!Number.isInteger(top) || top < 1 || top > rules.topMax) return refusal(400, 'InvalidTop')
  const order = query.get('$orderby')
  if (order !== null && (!rules.canOrder || order !== `${rules.time} asc`))
    return refusal(400, 'InvalidOrderBy')
  const passes = filterOf(query.get('$filter'), rules.time)
  if (passes === undefined) return refusal(400, 'InvalidFilter')
  const chosen = all.filter(passes)
  const sorted = chosen.sort((a, b) => (order === null ? b.at - a.at : a.at - b.at))
  return { records: sorted, offset: 0, top }
}

const TIME = /^(\w+) (ge|le) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/
const TYPE = /^signInEventTypes\/any\(t: t eq '(\w+)'\)$/

/** `undefined` for a filter that the service would not take. */
function filterOf(filter: string | null, time: string): ((record: Listed) => boolean) | undefined {
  if (filter === null) return () => true
  const tests = filter.split(' and ').map((part) => testOf(part, time))
  if (tests.includes(undefined)) return undefined
  return (record) => tests.every((test) => test!(record))
}

function testOf(part: string, time: string): ((record: Listed) => boolean) | undefined {
  const type = TYPE.exec(part)?.[1]
  if (type !== undefined) return ({ eventType = 'interactiveUser' }) => eventType === type
  const [, member, operator, value] = TIME.exec(part) ?? []
  if (member !== time || value === undefined) return undefined
  const bound = Date.parse(value)
  return operator === 'ge' ? ({ at }) => at >= bound : ({ at }) => at <= bound
}
