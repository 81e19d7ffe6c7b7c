import ipaddr from 'ipaddr.js'

interface Network {
  readonly bytes: readonly number[]
  readonly bits: number
}

/** Tests an address against networks; throws for a network that cannot be read. */
export function cidrTest(value: unknown): (fact: unknown) => boolean {
  const networks = (Array.isArray(value) ? value : [value]).map(networkOf)
  return (fact) => {
    const address = typeof fact === 'string' ? remembered(fact) : undefined
    return address !== undefined && networks.some((network) => within(address, network))
  }
}

let lastText = ''
let lastAddress: readonly number[] | undefined

/** Many networks are asked of one event's address, one after another: it is read once. */
function remembered(text: string): readonly number[] | undefined {
  if (text !== lastText) {
    lastAddress = addressOf(text)
    lastText = text
  }
  return lastAddress
}

/** Bytes of an IPv4 or IPv6 address in its usual form; an IPv4 address within IPv6 counts as IPv4. */
function addressOf(text: string): readonly number[] | undefined {
  if (!text.includes(':')) return fourParts(text)
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text).toByteArray() : undefined
}

const ZERO = 48
const DOT = 46

/** Decimal parts without leading zeros: other spellings mean different addresses to different readers. */
function fourParts(text: string): readonly number[] | undefined {
  const bytes: number[] = []
  let part = -1
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? DOT : text.charCodeAt(index)
    if (code === DOT) {
      if (part < 0 || part > 255) return undefined
      bytes.push(part)
      part = -1
    } else {
      const digit = code - ZERO
      if (digit < 0 || digit > 9 || part === 0 || part > 255) return undefined
      part = part < 0 ? digit : part * 10 + digit
    }
  }
  return bytes.length === 4 ? bytes : undefined
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
function networkOf(value: unknown): Network {
  const [text = '', suffix, ...rest] = typeof value === 'string' ? value.split('/') : []
  const bytes = addressOf(text)
  if (bytes === undefined || rest.length > 0) throw new Error(`not a network: ${JSON.stringify(value)}`)
  const mapped = bytes.length === 4 && text.includes(':') ? 96 : 0
  const most = bytes.length * 8
  const bits = suffix === undefined ? most : Number(suffix) - mapped
  if ((suffix !== undefined && !/^\d{1,3}$/.test(suffix)) || bits < 0 || bits > most)
    throw new Error(`not a network: ${JSON.stringify(value)}`)
  return { bytes, bits }
}

function within(address: readonly number[], { bytes, bits }: Network): boolean {
  if (address.length !== bytes.length) return false
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (address[index] !== bytes[index]) return false
  const rest = bits & 7
  return rest === 0 || (address[whole]! ^ bytes[whole]!) >> (8 - rest) === 0
}
