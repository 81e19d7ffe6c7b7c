import type { SigmaWords } from './document.ts'
import { type Members, membersIn, required, textIn, textsIn } from './members.ts'
import { Refused } from './refusal.ts'

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
const STATES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const DATE = /^\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:$|[T ])/
const titleCharsMax = 256

/** What rules, correlations and filters alike say about themselves. Throws `Refused`. */
export function wordsIn(members: Members): SigmaWords {
  const title = required(textIn(members, 'title'), 'title')
  if (title.length > titleCharsMax)
    throw new Refused('document', `title is longer than ${titleCharsMax} characters`)
  const optional = ['name', 'description', 'author', 'license'].map(
    (key) => [key, textIn(members, key)] as const,
  )
  const id = uuid(textIn(members, 'id'), 'id')
  const level = oneOf(textIn(members, 'level'), LEVELS, 'level')
  const status = oneOf(textIn(members, 'status'), STATES, 'status')
  for (const key of ['date', 'modified']) checkDate(textIn(members, key), key)
  checkRelated(members.get('related'))
  return {
    title,
    ...Object.fromEntries(optional.filter(([, text]) => text !== undefined)),
    ...(id !== undefined && { id }),
    ...(level !== undefined && { level }),
    ...(status !== undefined && { status }),
    tags: textsIn(members, 'tags'),
    references: textsIn(members, 'references'),
    falsePositives: textsIn(members, 'falsepositives'),
    taxonomy: textIn(members, 'taxonomy') ?? 'sigma',
  }
}

function uuid(text: string | undefined, what: string): string | undefined {
  if (text === undefined || UUID.test(text)) return text?.toLowerCase()
  throw new Refused('document', `${what} "${text}" is no UUID`)
}

function oneOf<T extends string>(text: string | undefined, words: readonly T[], what: string): T | undefined {
  if (text === undefined) return undefined
  const word = words.find((each) => each === text.toLowerCase())
  if (word === undefined) throw new Refused('document', `${what} "${text}" is none of ${words.join(', ')}`)
  return word
}

function checkDate(text: string | undefined, what: string): void {
  if (text !== undefined && !DATE.test(text))
    throw new Refused('document', `${what} "${text}" is no date: write YYYY-MM-DD`)
}

function checkRelated(value: unknown): void {
  if (value === undefined || value === null) return
  if (!Array.isArray(value)) throw new Refused('document', 'related must be a list')
  for (const each of value) {
    const members = membersIn(each, 'an entry of related')
    uuid(required(textIn(members, 'id'), 'id of a related rule'), 'id of a related rule')
    required(textIn(members, 'type'), 'type of a related rule')
  }
}
