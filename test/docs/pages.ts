import type { Dataset, HealthKind, JsonObject } from '@weir/model'

const MADE = '<!-- Made by `node test/docs/generate.ts`; a change here is lost. -->'

/** docs/errors.md: every error code and what it means. */
export function errorsPage(errors: Readonly<Record<string, string>>): string {
  const rows = Object.entries(errors).map(([code, meaning]) => [`\`${code}\``, meaning])
  return page(
    'Errors',
    "Weir's own errors begin with one of these codes; what follows says what was being done, and why it failed. A call that an aggregator refused begins with the code of the refusal instead, which `/openapi.json` lists.",
    table(['code', 'meaning'], rows),
  )
}

/** docs/health.md: every health alert, when it is raised and what to do. */
export function healthPage(health: Readonly<Record<string, HealthKind>>): string {
  const rows = Object.entries(health).map(([code, { name, when, severity, remedy }]) => [
    `\`${code}\``,
    severity,
    `**${name}.** ${when}`,
    remedy,
  ])
  return page(
    'Health alerts',
    'What Weir says about itself goes the way of every alert, first lane, so that a blind pre-SIEM is seen in the SIEM.',
    table(['code', 'severity', 'when', 'what to do'], rows),
  )
}

/** docs/fields.md: every dataset's identity, its ECS fields and where they come from. */
export function fieldsPage(datasets: ReadonlyMap<string, Dataset>): string {
  const all = [...datasets.values()]
  const intro =
    'A rule reads a field by its name. A folded field is compared in lower case, with a hyphen for every dash, single ' +
    'spaces and no full stop at its end; write literals so. What no field holds, a rule reads from the record itself.'
  const identity =
    'Two records are one event when dataset, id and state are the same; without an id, when what is hashed is. Correlations ' +
    'count an id once, whatever its states. The lateness is the default: how long a window waits for records that come late.'
  const head = [
    'dataset',
    'id',
    'state columns',
    'hashed where there is no id',
    'lateness',
    'events of a record',
  ]
  const identities = table(head, all.map(identityRow))
  return page('Fields', intro, identity, identities, ...unconfirmed(), ...all.flatMap(datasetSection))
}

/** Shapes that were read in documentation, and in no record of the real service. */
const UNCONFIRMED: readonly (readonly [string, string])[] = [
  [
    'azure.networkaccess',
    "all: names are those of Graph's beta and of the workspace's table, in either spelling",
  ],
  [
    'o365.audit',
    "category EnrichedOffice365AuditLogs: names are those of the workspace's table, in either spelling",
  ],
  ['azure.sqlaudit', '`event_id` and `sequence_number`, which tell the parts of a long statement apart'],
  ['azure.identity_protection', 'service principals: names are those of Graph'],
  ['azure.firewall_logs', '`Severity` of a signature'],
  ['microsoft_defender_cloud.event', "alerts in the REST interface's shape; flat ones were seen"],
  ['m365_defender.event', 'tables that hold no device, mail or application of the published samples'],
  [
    'windows.security',
    "NXLog's records and the tables of Azure Monitor: names are those of their documentation",
  ],
  ['cef.log', 'which of the keys for IPv6 is the source where labels do not say'],
  ['leef.log', 'all: keys are those of the guide to the format'],
]

function unconfirmed(): readonly string[] {
  const rows = UNCONFIRMED.map(([dataset, what]) => [`[${dataset}](#${dataset.replaceAll('.', '')})`, what])
  const intro =
    'What follows was not seen in records of the real service; where yours differ, `weir normalize` shows it.'
  return ['## Not confirmed', intro, table(['dataset', 'what'], rows)]
}

function identityRow(dataset: Dataset): readonly string[] {
  const hashed = membersRead(dataset.columns)
  return [
    `[${dataset.name}](#${dataset.name.replaceAll('.', '')})`,
    membersRead(dataset.id).map(code).join(', else '),
    membersRead(dataset.state).map(code).join(', '),
    hashed.length === 0 ? 'every member' : hashed.map(code).join(', '),
    lateness(dataset.latenessMs),
    dataset.split === undefined ? 'one' : 'one per flow tuple',
  ]
}

function datasetSection(dataset: Dataset): string[] {
  const rows = [...dataset.fields.values()].map(({ name, from, folded }) => [
    `\`${name}\``,
    from,
    folded === true ? 'yes' : '',
  ])
  return [`## ${dataset.name}`, table(['field', 'from', 'folded'], rows)]
}

function code(path: string): string {
  return `\`${path}\``
}

/** The members of a record that a reader looks at, as paths: found by reading a record that notes what is asked of it. */
function membersRead(read: (record: JsonObject) => unknown): readonly string[] {
  const paths: string[] = []
  const noting = (path: string): JsonObject =>
    new Proxy<JsonObject>(
      {},
      {
        get: (_target, key) => {
          if (typeof key === 'symbol') return undefined
          const below = path === '' ? key : `${path}.${key}`
          paths.push(below)
          return noting(below)
        },
      },
    )
  read(noting(''))
  const leaves = paths.filter(
    (path, i) => !paths.slice(i + 1, i + 2).some((next) => next.startsWith(`${path}.`)),
  )
  return [...new Set(leaves)]
}

function lateness(ms: number): string {
  const minutes = ms / 60_000
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
}

function page(title: string, ...blocks: readonly string[]): string {
  return `${[`# ${title}`, MADE, ...blocks].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
