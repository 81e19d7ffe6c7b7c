import type { SigmaWords } from './document.ts'

/** The members of a rule file that are for people, from what a Sigma document says of itself. */
export function ruleWords(words: SigmaWords): Readonly<Record<string, unknown>> {
  const { title, level, falsePositives, references } = words
  const attack = techniquesIn(words.tags)
  return {
    name: title,
    description: descriptionOf(words),
    severity: level ?? 'medium',
    ...(attack.length > 0 && { attack }),
    tags: tagsOf(words),
    ...(falsePositives.length > 0 && { falsePositives: distinct(falsePositives) }),
    ...(references.length > 0 && { references: distinct(references) }),
  }
}

/** The tactic that the tags name first, as the type of the rule's event. */
export function eventTypeOf({ tags }: SigmaWords): string {
  const tactic = tags
    .map((tag) => /^attack\.([a-z][a-z_-]+)$/i.exec(tag)?.[1])
    .find((name) => name !== undefined && !isNumbered(name))
  return tactic === undefined ? 'sigma' : tactic.toLowerCase().replaceAll('_', '-')
}

function isNumbered(name: string): boolean {
  return /^(?:t|g|s|c|ta|d3f)-?\d/i.test(name)
}

function techniquesIn(tags: readonly string[]): readonly string[] {
  return distinct(
    tags.flatMap((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []),
  )
}

/** Author and licence stay with every alert: the Detection Rule License asks for that. */
function descriptionOf({ description, id, author, license }: SigmaWords): string {
  const origin = [
    `Sigma rule${id === undefined ? '' : ` ${id}`}`,
    ...(author ? [`by ${author.trim()}`] : []),
  ].join(' ')
  const terms = license === undefined ? '' : `, licence ${license}`
  return [description?.trim(), `${origin}${terms}.`].filter((text) => text).join('\n\n')
}

/** Where it comes from, and the tags that are no ATT&CK techniques. */
function tagsOf({ id, status, tags }: SigmaWords): readonly string[] {
  const own = [
    'sigma',
    ...(id === undefined ? [] : [`sigma.id.${id}`]),
    ...(status === undefined ? [] : [`sigma.status.${status}`]),
  ]
  return distinct([...own, ...tags.filter((tag) => tag.trim() !== '' && !/^attack\.t\d{4}/i.test(tag))])
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))]
}
