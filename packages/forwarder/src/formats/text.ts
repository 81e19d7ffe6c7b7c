/** Reads a path such as `target.name` from nested objects; of a list, its first. */
export function textAt(object: unknown, path: string): string | undefined {
  let at = object
  for (const key of path.split('.')) {
    if (Array.isArray(at)) at = at[0]
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Readonly<Record<string, unknown>>)[key]
  }
  if (Array.isArray(at)) at = at[0]
  if (typeof at === 'string') return at
  return typeof at === 'number' || typeof at === 'boolean' ? String(at) : undefined
}

/** The port of a source or destination, if it is one. */
export function portAt(endpoint: unknown): string {
  const text = textAt(endpoint, 'port') ?? ''
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? text : ''
}

/** Cuts to a number of characters, never within one. */
export function cutCharacters(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const characters = [...text]
  return characters.length <= charactersMax ? text : characters.slice(0, charactersMax).join('')
}

/** Cuts to a number of UTF-8 bytes, never within a character. */
export function cutBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > bytesMax) break
    end += character.length
  }
  return text.slice(0, end)
}
