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

/** docs/fields.md: every dataset's ECS fields and where they come from. */
export function fieldsPage(datasets: ReadonlyMap<string, Dataset>): string {
  const intro =
    'A rule reads a field by its name. A folded field is compared in lower case, with a hyphen for every dash, single ' +
    'spaces and no full stop at its end; write literals so. What no field holds, a rule reads from the record itself.'
  return page('Fields', intro, ...[...datasets.values()].flatMap(datasetSection))
}

function datasetSection(dataset: Dataset): string[] {
  const rows = [...dataset.fields.values()].map(({ name, from, folded }) => [
    `\`${name}\``,
    from,
    folded === true ? 'yes' : '',
  ])
  return [
    `## ${dataset.name}`,
    [stateLine(dataset), `Default lateness: ${lateness(dataset.latenessMs)}.`].join('\n'),
    table(['field', 'from', 'folded'], rows),
  ]
}

function stateLine({ state }: Dataset): string {
  const columns = membersRead(state)
  if (columns.length === 0) return "Records with one provider's id are one event."
  return `Records with one provider's id are states of it, told apart by ${columns.map((one) => `\`${one}\``).join(', ')}.`
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
  const leaves = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)))
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
