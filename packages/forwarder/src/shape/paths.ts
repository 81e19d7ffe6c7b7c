/** What identifies an alert and says where it stands; no configuration takes it out or changes it. */
export const ALWAYS: readonly string[] = [
  '@timestamp',
  'ecs',
  'event.kind',
  'event.id',
  'event.dataset',
  'event.module',
  'event.provider',
  'event.severity',
  'event.created',
  'event.start',
  'event.end',
  'rule.id',
  'rule.name',
  'observer',
  'weir.alert.id',
  'weir.alert.revision',
  'weir.alert.kind',
  'weir.alert.status',
  'weir.alert.severity',
  'weir.alert.count',
  'weir.alert.first',
  'weir.alert.last',
  'weir.alert.late_by_ms',
  'weir.alert.merged_into',
]

/** Members whose values come from records. */
const RECORDED: readonly string[] = [
  'message',
  'event.action',
  'related.ip',
  'related.user',
  'related.hosts',
  'source.ip',
  'source.port',
  'source.geo.country_iso_code',
  'source.as.number',
  'destination.ip',
  'destination.port',
  'user.name',
  'user.id',
  'user.email',
  'user.target.name',
  'cloud.provider',
  'cloud.account.id',
  'cloud.region',
  'cloud.service.name',
  'user_agent.original',
  'weir.alert.group',
]

/** Words of the rule and of the alert's form; no value of a record stands in them. */
const WORDS: readonly string[] = [
  'event.category',
  'event.type',
  'event.outcome',
  'rule.description',
  'rule.reference',
  'rule.category',
  'rule.version',
  'threat.framework',
  'threat.tactic',
  'threat.technique',
  'tags',
]

/** Where receivers expect an address: what is none is taken out. */
export const ADDRESSES: readonly string[] = ['source.ip', 'destination.ip', 'related.ip']

/** Where receivers expect a number; it says too little to be looked for elsewhere. */
export const NUMBERS: readonly string[] = ['source.port', 'destination.port', 'source.as.number']

/** What no redaction reaches, whatever it hides elsewhere. */
export const UNTOUCHED: readonly string[] = [
  ...ALWAYS,
  ...WORDS,
  'weir.alert.events.dataset',
  'weir.alert.events.time',
  'weir.alert.events.position.index',
]

/** Every path that `fields` may name: a member, or one with all that is below it. */
export const FIELDS: readonly string[] = withParents([
  ...ALWAYS,
  ...RECORDED,
  ...WORDS,
  'weir.alert.events',
  'weir.remedy',
])

/** Every path that `redact` may name. */
export const REDACTED: readonly string[] = withParents(RECORDED).filter(
  (path) => !UNTOUCHED.some((each) => within(each, path)),
)

/** `source.*` means the same as `source`. */
export function plain(path: string): string {
  return path.endsWith('.*') ? path.slice(0, -2) : path
}

/** True for a path itself and for all that is below it. */
export function within(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}.`)
}

function withParents(paths: readonly string[]): string[] {
  const parents = paths.flatMap((path) => {
    const parts = path.split('.')
    return parts.map((_, index) => parts.slice(0, index + 1).join('.'))
  })
  return [...new Set(parents)]
}
