import ipaddr from 'ipaddr.js'

/** IPv4 as a 32-bit integer, IPv6 as its sixteen bytes. */
type Address = number | readonly number[]

interface Network {
  readonly address: Address
  readonly bits: number
}

/** Tests an address against networks; throws for a network that cannot be read. */
export function cidrTest(value: unknown): (fact: unknown) => boolean {
  const networks = (Array.isArray(value) ? value : [value]).map(networkOf)
  return (fact) => {
    const address = typeof fact === 'string' ? remembered(fact) : undefined
    if (address === undefined) return false
    for (const network of networks) if (within(address, network)) return true
    return false
  }
}

let lastText = ''
let lastAddress: Address | undefined

/** Many networks are asked of one event's address, one after another: it is read once. */
function remembered(text: string): Address | undefined {
  if (text !== lastText) {
    lastAddress = addressOf(text)
    lastText = text
  }
  return lastAddress
}

/** An address in its usual form; an IPv4 address within IPv6 counts as IPv4. */
function addressOf(text: string): Address | undefined {
  if (!text.includes(':')) return fourParts(text)
  if (!ipaddr.IPv6.isValid(text)) return undefined
  const address = ipaddr.process(text)
  return address.kind() === 'ipv4' ? fourParts(address.toString()) : address.toByteArray()
}

const ZERO = 48
const DOT = 46

/** Decimal parts without leading zeros: other spellings mean different addresses to different readers. */
function fourParts(text: string): number | undefined {
  let address = 0
  let parts = 0
  let part = -1
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? DOT : text.charCodeAt(index)
    if (code === DOT) {
      if (part < 0 || part > 255) return undefined
      address = (address << 8) | part
      parts++
      part = -1
    } else {
      const digit = code - ZERO
      if (digit < 0 || digit > 9 || part === 0 || part > 255) return undefined
      part = part < 0 ? digit : part * 10 + digit
    }
  }
  return parts === 4 ? address : undefined
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
function networkOf(value: unknown): Network {
  const [text = '', suffix, ...rest] = typeof value === 'string' ? value.split('/') : []
  const address = addressOf(text)
  if (address === undefined || rest.length > 0) throw new Error(`not a network: ${JSON.stringify(value)}`)
  const most = typeof address === 'number' ? 32 : 128
  const mapped = most === 32 && text.includes(':') ? 96 : 0
  const bits = suffix === undefined ? most : Number(suffix) - mapped
  if ((suffix !== undefined && !/^\d{1,3}$/.test(suffix)) || bits < 0 || bits > most)
    throw new Error(`not a network: ${JSON.stringify(value)}`)
  return { address, bits }
}

function within(address: Address, network: Network): boolean {
  const { bits } = network
  if (typeof address === 'number' || typeof network.address === 'number') {
    if (typeof address !== typeof network.address) return false
    // A shift by 32 would be a shift by none.
    return bits === 0 || ((address as number) ^ (network.address as number)) >>> (32 - bits) === 0
  }
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (address[index] !== network.address[index]) return false
  const rest = bits & 7
  return rest === 0 || (address[whole]! ^ network.address[whole]!) >> (8 - rest) === 0
}
