import { Random } from './random.ts'
import {
  CITIES,
  type City,
  DEPARTMENTS,
  DEVICES,
  type Device,
  FIRST_NAMES,
  LAST_NAMES,
  SERVICES,
} from './words.ts'

export interface User {
  readonly name: string
  readonly upn: string
  readonly id: string
  readonly department: string
  readonly place: City
  readonly homeIp: string
  readonly officeIp: string
  readonly device: Device
  readonly deviceId: string
}

export interface ServicePrincipal {
  readonly name: string
  readonly appId: string
  readonly id: string
  readonly credential: 'clientSecret' | 'certificate'
  readonly ip: string
  readonly managedIdentity: boolean
}

interface Subscription {
  readonly id: string
  readonly groups: readonly string[]
}

export interface Vault {
  readonly name: string
  readonly resourceId: string
  readonly secrets: readonly string[]
}

export interface StorageAccount {
  readonly name: string
  readonly resourceId: string
}

/** A network interface whose flows are logged. */
export interface Nic {
  readonly ip: string
  readonly mac: string
}

export interface Tenant {
  readonly id: string
  readonly domain: string
  readonly users: readonly User[]
  /** The last of the users: they administer. */
  readonly admins: readonly User[]
  readonly principals: readonly ServicePrincipal[]
  readonly identities: readonly ServicePrincipal[]
  readonly subscriptions: readonly Subscription[]
  /** Logged over the hub, and over blobs. */
  readonly vaults: { readonly hub: readonly Vault[]; readonly blob: Vault }
  readonly storage: { readonly hub: readonly StorageAccount[]; readonly blob: StorageAccount }
  readonly vnet: { readonly flowLogId: string; readonly targetId: string; readonly nics: readonly Nic[] }
  readonly nsg: { readonly resourceId: string; readonly nics: readonly Nic[] }
  readonly aws: { readonly organization: string; readonly accounts: readonly string[] }
}

const USERS = 800
const ADMINS = 8
const PRINCIPALS = 60
const OFFICE_IPS = ['198.51.100.10', '198.51.100.11', '198.51.100.12', '198.51.100.13']

/** The same company for the same seed. */
export function createTenant(seed: number): Tenant {
  const random = new Random(seed ^ 0x7e4a)
  const users = Array.from({ length: USERS }, (_, n) => user(random, n))
  const principals = Array.from({ length: PRINCIPALS }, (_, n) => principal(random, n))
  const subscriptions = Array.from({ length: 4 }, (_, n) => subscription(random, n))
  return {
    id: random.guid(),
    domain: DOMAIN,
    users: users.slice(0, -ADMINS),
    admins: users.slice(-ADMINS),
    principals: principals.filter((each) => !each.managedIdentity),
    identities: principals.filter((each) => each.managedIdentity),
    subscriptions,
    vaults: {
      hub: [vault(random, subscriptions[0]!, 'kv-freight'), vault(random, subscriptions[1]!, 'kv-finance')],
      blob: vault(random, subscriptions[2]!, 'kv-warehouse'),
    },
    storage: {
      hub: ['stfreightdocs', 'stinvoices', 'stscans'].map((name) => account(subscriptions[1]!, name)),
      blob: account(subscriptions[2]!, 'stwarehouse'),
    },
    vnet: vnet(random, subscriptions[0]!),
    nsg: nsg(random, subscriptions[3]!),
    aws: { organization: `o-${random.hex(10)}`, accounts: ['210987654321', '310987654321', '410987654321'] },
  }
}

const DOMAIN = 'nordhafen.example'

/** Distinct names for up to 1,600 people. */
function user(random: Random, n: number): User {
  const first = FIRST_NAMES[n % FIRST_NAMES.length]!
  const last = LAST_NAMES[Math.floor(n / 20) % LAST_NAMES.length]!
  return {
    name: `${first} ${last}`,
    upn: `${first}.${last}@${DOMAIN}`.toLowerCase(),
    id: random.guid(),
    department: random.pick(DEPARTMENTS),
    place: random.pick(CITIES),
    homeIp: `198.18.${n >> 8}.${n & 255}`,
    officeIp: random.pick(OFFICE_IPS),
    device: random.weighted([
      [DEVICES[0]!, 7],
      [DEVICES[1]!, 2],
      [DEVICES[2]!, 1],
    ]),
    deviceId: random.guid(),
  }
}

function principal(random: Random, n: number): ServicePrincipal {
  const service = SERVICES[n % SERVICES.length]!
  const stage = ['prod', 'test', 'dev', 'dr', 'edge'][Math.floor(n / SERVICES.length)]!
  return {
    name: `${service}-${stage}`,
    appId: random.guid(),
    id: random.guid(),
    credential: random.pick(['clientSecret', 'certificate']),
    ip: `198.19.${random.between(0, 7)}.${random.between(1, 254)}`,
    managedIdentity: n % 3 === 2,
  }
}

function subscription(random: Random, n: number): Subscription {
  const area = ['freight', 'finance', 'warehouse', 'shared'][n]!
  return { id: random.guid(), groups: ['prod', 'test', 'net'].map((part) => `rg-${area}-${part}`) }
}

function armId(sub: Subscription, provider: string): string {
  return `/SUBSCRIPTIONS/${sub.id}/RESOURCEGROUPS/${sub.groups[0]}/PROVIDERS/${provider}`.toUpperCase()
}

function vault(random: Random, sub: Subscription, name: string): Vault {
  const secrets = Array.from({ length: 40 }, (_, n) => `${random.pick(SERVICES)}-${n}-key`)
  return { name, resourceId: armId(sub, `Microsoft.KeyVault/vaults/${name}`), secrets }
}

function account(sub: Subscription, name: string): StorageAccount {
  return {
    name,
    resourceId: `${armId(sub, `Microsoft.Storage/storageAccounts/${name}`)}/blobServices/default`,
  }
}

function nics(random: Random, prefix: string, count: number): Nic[] {
  return Array.from({ length: count }, (_, n) => ({
    ip: `${prefix}.${n + 4}`,
    mac: `000D3A${random.hex(6).toUpperCase()}`,
  }))
}

function vnet(random: Random, sub: Subscription): Tenant['vnet'] {
  const watcher = `/SUBSCRIPTIONS/${sub.id}/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS`
  return {
    flowLogId:
      `${watcher}/NETWORKWATCHER_WESTEUROPE/FLOWLOGS/FREIGHT-VNET-RG-FREIGHT-NET-FLOWLOG`.toUpperCase(),
    targetId: armId(sub, 'Microsoft.Network/virtualNetworks/freight-vnet'),
    nics: nics(random, '10.20.1', 4),
  }
}

function nsg(random: Random, sub: Subscription): Tenant['nsg'] {
  return {
    resourceId: armId(sub, 'Microsoft.Network/networkSecurityGroups/nsg-shared'),
    nics: nics(random, '10.30.1', 2),
  }
}
