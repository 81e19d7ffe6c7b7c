import ipaddr from 'ipaddr.js'

interface Network {
  readonly bytes: readonly number[]
  readonly bits: number
}

/** Tests an address against networks; throws for a network that cannot be read. */
export function cidrTest(value: unknown): (fact: unknown) => boolean {
  const networks = (Array.isArray(value) ? value : [value]).map(networkOf)
  return (fact) => {
    const address = typeof fact === 'string' ? addressOf(fact) : undefined
    return address !== undefined && networks.some((network) => within(address, network))
  }
}

/** Bytes of an IPv4 or IPv6 address in its usual form; an IPv4 address within IPv6 counts as IPv4. */
function addressOf(text: string): readonly number[] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray()
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined
  return ipaddr.process(text).toByteArray()
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
