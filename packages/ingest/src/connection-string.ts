import { WeirError } from '@weir/runtime'

/** `Key=value;Key=value` as a map, keys in lower case; a value may hold `=`. */
export function partsOf(connectionString: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  for (const pair of connectionString.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0) parts.set(pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim())
  }
  return parts
}

/** True for names and addresses that never leave this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare)
}

/** What a connection string to anything but a local emulator is answered: it would be a shared secret. */
export function refuseConnectionString(source: string, what: string): WeirError {
  const remedy =
    'A connection string is a shared key and is taken for a local emulator only. ' +
    'For Azure write auth {"kind": "entra", "credential": "managed-identity"} and grant that identity a reader role.'
  return new WeirError('CONFIG_INVALID', `source ${source}: ${what}. ${remedy}`)
}
