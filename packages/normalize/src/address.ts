export interface Address {
  /** A single IPv4 or IPv6 address in its shortest spelling; `undefined` for a name or nothing. */
  readonly ip: string | undefined
  readonly port: number | undefined
}

const NONE: Address = { ip: undefined, port: undefined }

/**
 * The address and port in what providers write for a caller: `ip`, `ip:port`, `[v6]:port`, `ip/prefix`,
 * `::ffff:v4`, `v6%zone`.
 */
export function addressOf(text: string): Address {
  const bare = text.trim()
  const first = bare.charCodeAt(0)
  if (first >= 48 && first <= 57 && !bare.includes('::') && bare.includes('.')) return v4(bare)
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(bare)
  if (bracketed) return { ip: v6(bracketed[1] as string), port: portOf(bracketed[2]) }
  return bare.includes(':') ? { ip: v6(bare), port: undefined } : NONE
}

/** The address alone; `addressOf(text).ip`, without a look at what else may stand there. */
export function ipOf(text: string): string | undefined {
  return isPlainV4(text) ? text : addressOf(text).ip
}

const ZERO = 48
const DOT = 46

/** True for four decimal numbers up to 255 without leading zeros, and nothing beside them: by far the commonest. */
function isPlainV4(text: string): boolean {
  let dots = 0
  let octet = -1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const digit = code - ZERO
    if (code === DOT && octet >= 0) {
      dots++
      octet = -1
    } else if (digit < 0 || digit > 9 || octet === 0) return false
    else octet = octet < 0 ? digit : octet * 10 + digit
    if (octet > 255) return false
  }
  return dots === 3 && octet >= 0
}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::(\d{1,5})|\/\d{1,2})?$/

/** An octet with a leading zero may be octal to one reader and decimal to the next, so it is no address. */
function v4(text: string): Address {
  const found = V4.exec(text)
  if (found === null) return NONE
  const octets = found.slice(1, 5)
  if (!octets.every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet)) return NONE
  return { ip: octets.join('.'), port: portOf(found[5]) }
}

function portOf(text: string | undefined): number | undefined {
  const port = text === undefined ? Number.NaN : Number(text)
  return port >= 0 && port <= 65_535 ? port : undefined
}

const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/

function v6(text: string): string | undefined {
  const bare = text.split(/[%/]/, 1)[0] as string
  if (!/^[\da-fA-F:.]+$/.test(bare)) return undefined
  const short = URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1)
  const mapped = MAPPED.exec(short ?? '')
  if (mapped === null) return short
  const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)]
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}
