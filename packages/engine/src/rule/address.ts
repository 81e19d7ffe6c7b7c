import ipaddr from 'ipaddr.js'

/** IPv4 as a 32-bit integer, IPv6 as its sixteen bytes. */
export type Address = number | readonly number[]

export interface Network {
  readonly address: Address
  readonly bits: number
}

/** An address in its usual form; an IPv4 address within IPv6 counts as IPv4. */
export function addressOf(text: string): Address | undefined {
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

/** Reads `192.0.2.0/24`, `2001:db8::/32`, or a single address; throws for anything else. */
export function networkOf(value: unknown): Network {
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
