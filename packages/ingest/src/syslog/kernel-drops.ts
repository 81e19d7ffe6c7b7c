import { readFile } from 'node:fs/promises'

/** Of Linux: one line a socket, its last column the datagrams for which its buffer had no room. */
const TABLES = ['/proc/net/udp', '/proc/net/udp6'] as const

/** Datagrams to this port that the kernel has dropped since the socket was opened; `undefined` where it does not tell. */
export async function kernelDrops(port: number): Promise<number | undefined> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => undefined)))
  const known = tables.filter((table) => table !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, table) => sum + dropsIn(table, port), 0)
}

/** The sum over the sockets that are bound to the port. */
export function dropsIn(table: string, port: number): number {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.endsWith(hex)) drops += Number(columns.at(-1)) || 0
  }
  return drops
}
