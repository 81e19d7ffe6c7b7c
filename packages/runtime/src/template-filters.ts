/** Changes a value on its way into a text. Given what the path led to (`undefined`: nowhere) and the arguments. */
export type Filter = (value: unknown, args: readonly string[]) => unknown

interface FilterType {
  readonly apply: Filter
  /** What is wrong with the arguments, in words; `undefined` when nothing is. */
  readonly mistake: (args: readonly string[]) => string | undefined
}

/** Every filter of a template, by name. */
export const FILTERS: Readonly<Record<string, FilterType>> = {
  default: {
    apply: (value, [text]) => (textOf(value) === '' ? text : value),
    mistake: exactly(1, `a text: default('none')`),
  },
  json: { apply: (value) => (value === undefined ? value : JSON.stringify(value)), mistake: none },
  join: {
    apply: (value, [between = '']) => (Array.isArray(value) ? value.map(textOf).join(between) : value),
    mistake: exactly(1, `a text: join(', ')`),
  },
  cut: {
    apply: (value, [units]) => (value === undefined ? value : cutText(textOf(value), Number(units))),
    mistake: ([units, ...more]) =>
      more.length === 0 && /^[1-9]\d{0,6}$/.test(units ?? '') ? undefined : 'it takes a number: cut(200)',
  },
  map: {
    apply: (value, pairs) => mapped(textOf(value), pairs),
    mistake: (pairs) =>
      pairs.length > 0 && pairs.every((pair) => pair.indexOf('=') > 0)
        ? undefined
        : `it takes pairs: map('high=1', '*=3')`,
  },
  slack: {
    apply: (value) => (value === undefined ? value : escapeSlack(textOf(value))),
    mistake: none,
  },
}

/** A value as it stands within a text: a list's members with commas between, an object as JSON, nothing as nothing. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  return JSON.stringify(value)
}

function exactly(count: number, what: string): FilterType['mistake'] {
  return (args) => (args.length === count ? undefined : `it takes ${what}`)
}

function none(args: readonly string[]): string | undefined {
  return args.length === 0 ? undefined : 'it takes no arguments'
}

/**
 * At most so many UTF-16 units, the last of them a mark that something is missing: receivers count characters
 * in one way or another, and none counts more than this.
 */
function cutText(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text
  const kept = text.slice(0, unitsMax - 1)
  // Half a pair is no character.
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** The right side of the pair whose left side is the text, else that of `*`, else nothing. */
function mapped(text: string, pairs: readonly string[]): string | undefined {
  const of = (left: string) => pairs.find((pair) => pair.startsWith(`${left}=`))?.slice(left.length + 1)
  return of(text) ?? of('*')
}

/** The three characters that Slack's mrkdwn takes for its own: without them there is no link and no mention. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
