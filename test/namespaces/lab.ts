import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** The end of the link in the cloud, by address family; 10.213/16 and the ULA are used nowhere else. */
const ADDRESSES = {
  4: { cloud: '10.213.1.1', premises: '10.213.1.2', bits: 30 },
  6: { cloud: 'fd21:3a5e:7c1::1', premises: 'fd21:3a5e:7c1::2', bits: 64 },
} as const

type Family = keyof typeof ADDRESSES

/** The interface at each end. */
const VPN = 'vpn'
/** What may pass at once, and how long the rest may wait: ten full frames, and what a small router holds. */
const TBF = ['burst', '15kb', 'latency', '400ms']

/** Two network namespaces, the cloud and the premises, with one link between them. */
export interface Lab {
  /** What starts a command there. */
  readonly cloud: readonly string[]
  readonly premises: readonly string[]
  /** Address of the cloud's end. */
  host(family: Family): string
  /** Both ends send no faster from now on; without a rate, as fast as they can. */
  shape(bitsPerSecond?: number): void
  /** They and everything about them goes away. */
  remove(): void
}

/** Whether this user may make network namespaces and shape a link. */
export function canMakeLab(): boolean {
  try {
    makeLab().remove()
    return true
  } catch {
    return false
  }
}

/** Makes both namespaces, named after this process; those of processes that are gone are removed first. */
export function makeLab(): Lab {
  sweep()
  const [cloud, premises] = [`weir-cloud-${process.pid}`, `weir-premises-${process.pid}`]
  const remove = (): void => [cloud, premises].forEach(removeNamespace)
  process.once('exit', remove)
  try {
    for (const name of [cloud, premises]) ip('netns', 'add', name)
    ip('-n', cloud, 'link', 'add', VPN, 'type', 'veth', 'peer', 'name', VPN, 'netns', premises)
    setUp(cloud, 'cloud')
    setUp(premises, 'premises')
    shape([cloud, premises], 1e9)
  } catch (error) {
    remove()
    throw error
  }
  return {
    cloud: inside(cloud),
    premises: inside(premises),
    host: (family) => ADDRESSES[family].cloud,
    shape: (bitsPerSecond) => shape([cloud, premises], bitsPerSecond),
    remove: () => {
      process.off('exit', remove)
      remove()
    },
  }
}

/** A test that was killed could not remove what it had made. */
function sweep(): void {
  const names = ip('netns', 'list').split('\n')
  for (const line of names) {
    const [name = '', pid] = /^weir-(?:cloud|premises)-(\d+)/.exec(line) ?? []
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name)
  }
}

function setUp(namespace: string, side: 'cloud' | 'premises'): void {
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  for (const family of [4, 6] as const) {
    const at = `${ADDRESSES[family][side]}/${ADDRESSES[family].bits}`
    // Nobody else can have the address, so nothing has to wait until that is found out.
    ip('-n', namespace, 'addr', 'add', at, 'dev', VPN, ...(family === 6 ? ['nodad'] : []))
  }
  ip('-n', namespace, 'link', 'set', VPN, 'up')
}

function shape(namespaces: readonly string[], bitsPerSecond?: number): void {
  for (const each of namespaces) {
    if (bitsPerSecond === undefined) run('tc', ['-n', each, 'qdisc', 'del', 'dev', VPN, 'root'])
    else
      run('tc', [
        '-n',
        each,
        'qdisc',
        'replace',
        'dev',
        VPN,
        'root',
        'tbf',
        'rate',
        `${bitsPerSecond}bit`,
        ...TBF,
      ])
  }
}

function inside(namespace: string): readonly string[] {
  return ['ip', 'netns', 'exec', namespace]
}

/** It may never have been made. */
function removeNamespace(name: string): void {
  try {
    ip('netns', 'del', name)
  } catch {}
}

function ip(...args: readonly string[]): string {
  return run('ip', args)
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
