import { type Address, addressOf, type Network, networkOf } from './address.ts'

/** Tests an address against networks; throws for a network that cannot be read. */
export function cidrTest(value: unknown): (fact: unknown) => boolean {
  const networks = (Array.isArray(value) ? value : [value]).map(networkOf)
  return (fact) => {
    const address = typeof fact === 'string' ? rememberedAddress(fact) : undefined
    if (address === undefined) return false
    for (const network of networks) if (within(address, network)) return true
    return false
  }
}

let lastText = ''
let lastAddress: Address | undefined

/** Many networks are asked of one event's address, one after another: it is read once. */
export function rememberedAddress(text: string): Address | undefined {
  if (text !== lastText) {
    lastAddress = addressOf(text)
    lastText = text
  }
  return lastAddress
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
