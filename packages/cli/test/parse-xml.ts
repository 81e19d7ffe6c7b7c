export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

const TOKEN = /<\?xml [^>]*\?>|<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy
const ENTITY = /&(?:#(\d+)|(amp|lt|gt|quot|apos));/g
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads the plain XML of a test report; throws for what is not well formed. */
export function parseXml(text: string): Element {
  const top = { name: '', attributes: {}, children: [] as Element[], text: '' }
  const open: (typeof top)[] = [top]
  let at = 0
  for (const token of text.matchAll(TOKEN)) {
    at = token.index + token[0].length
    const [, closes, name, attributes, alone, words] = token
    const parent = open.at(-1)!
    if (words !== undefined) parent.text += decoded(words)
    else if (closes) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing at ${token.index}`)
    } else if (name !== undefined) {
      const element = { name, attributes: attributesOf(attributes!), children: [], text: '' }
      parent.children.push(element)
      if (!alone) open.push(element)
    }
  }
  if (at !== text.length || open.length !== 1 || top.children.length !== 1 || top.text.trim() !== '')
    throw new Error(`not well formed at ${at}: ${text.slice(at, at + 80)}`)
  return top.children[0]!
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/ ([a-z]+)="([^"]*)"/g)]
  return Object.fromEntries(found.map(([, name, value]) => [name, decoded(value!)]))
}

function decoded(text: string): string {
  if (/&(?!(?:#\d+|amp|lt|gt|quot|apos);)|(?![\t\n\r])\p{Cc}/u.test(text))
    throw new Error(`what XML cannot hold: ${text}`)
  return text.replace(ENTITY, (_, code, name) => (code ? String.fromCodePoint(Number(code)) : NAMED[name]!))
}
